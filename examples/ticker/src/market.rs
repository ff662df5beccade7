//! The exchange and its consumers, and what they have seen.

use std::fmt;
use std::time::Duration;

use otp::prelude::*;
use otp::topic::{Slow, Topic, TopicInfo};

use crate::consumer::{Consumer, ConsumerClient, Reading, Seen};
use crate::exchange::trade;
use crate::price::PRICES;

/// How many prices there are, and how fast they come.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    /// How many.
    pub prices: u32,
    /// The time between two.
    pub every: Duration,
}

/// What the consumers have seen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The consumers, each with its policy.
    pub consumers: Vec<(&'static str, Slow, Seen)>,
    /// The figures of the topic.
    pub topic: TopicInfo,
    prices: u32,
}

/// The consumers, by their names.
const CONSUMERS: [(&str, usize, Slow, u32); 4] = [
    ("ledger", 16, Slow::Wait, 0),
    ("board", 1, Slow::DropOldest, 3),
    ("chart", 4, Slow::DropNewest, 3),
    ("feed", 4, Slow::Disconnect, 3),
];

impl Market {
    /// Starts consumers and exchange, and waits for the end of the prices.
    ///
    /// # Errors
    ///
    /// If a consumer does not start, or ends before the prices do.
    pub async fn run(self, system: &System) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
        let topic = Topic::named(system, &PRICES);
        let children = CONSUMERS.map(|(name, limit, slow, takes)| {
            let reading = Reading { limit, slow, takes: self.every * takes };
            Consumer::child(reading).name(ServerName::new(name)).untyped()
        });
        Supervisor::new(Strategy::OneForOne).children(children).start(system).await?;
        system.spawn(async move |ctx: ProcessContext<()>| trade(ctx, self.prices, self.every).await);
        let mut consumers = Vec::new();
        for (name, _, slow, _) in CONSUMERS {
            let consumer = ServerRef::<Consumer>::named(system, ServerName::new(name));
            consumers.push((name, slow, consumer.finish().no_timeout().await?));
        }
        Ok(Report { consumers, topic: topic.info(), prices: self.prices })
    }
}

/// A line for each consumer.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, slow, seen) in &self.consumers {
            let policy = match slow {
                Slow::DropNewest => "drop newest",
                Slow::DropOldest => "drop oldest",
                Slow::Disconnect => "disconnect",
                Slow::Wait => "wait",
            };
            write!(f, "{name:<7} {policy:<12} {:>4} of {} prices, ", seen.prices, self.prices)?;
            match seen.last {
                _ if *slow == Slow::Disconnect => writeln!(f, "then it was disconnected")?,
                Some(last) => writeln!(f, "the last one is {last}")?,
                None => writeln!(f, "none at all")?,
            }
        }
        Ok(())
    }
}
