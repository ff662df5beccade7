//! A server that subscribes, and reads at its own pace.

use std::sync::Arc;
use std::time::Duration;

use otp::prelude::*;
use otp::topic::{Slow, Topic};

use crate::price::{PRICES, Price};

/// How a consumer reads prices.
#[derive(Clone, Debug)]
pub struct Reading {
    /// How many prices may wait for it.
    pub limit: usize,
    /// What happens when more come.
    pub slow: Slow,
    /// How long it takes for each.
    pub takes: Duration,
}

/// What a consumer has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// How many prices.
    pub prices: u32,
    /// The number of the last one.
    pub last: Option<u32>,
    /// Whether their numbers rose.
    pub in_order: bool,
    /// Whether it was told that no more come.
    pub ended: bool,
}

/// A server that reads prices at its own pace.
pub struct Consumer {
    reading: Reading,
    seen: Seen,
    /// Who waits for the end of the prices.
    waiting: Vec<ReplyTo<Seen>>,
}

#[gen_server]
impl Consumer {
    #[init]
    fn init(reading: Reading, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let prices = Topic::named(ctx, &PRICES);
        // A restarted consumer subscribes again, here, and begins with the last price.
        prices.subscribe_process(ctx, reading.limit, reading.slow, ConsumerInfo::Price).map_err(ExitReason::error)?;
        Ok(Consumer { reading, seen: Seen { in_order: true, ..Seen::default() }, waiting: Vec::new() })
    }

    /// A price, or at last the end of the prices: the exchange has closed, or this consumer was disconnected.
    #[info]
    async fn price(&mut self, price: Option<Arc<Price>>, ctx: &mut Context<Self>) {
        let Some(price) = price else {
            self.seen.ended = true;
            for from in self.waiting.drain(..) {
                from.reply(self.seen.clone());
            }
            return;
        };
        ctx.system().sleep(self.reading.takes).await;
        self.seen.prices += 1;
        self.seen.in_order &= self.seen.last.is_none_or(|last| last < price.number);
        self.seen.last = Some(price.number);
    }

    /// What it has seen when no more prices come.
    #[call]
    fn finish(&mut self, from: ReplyTo<Seen>) {
        if self.seen.ended {
            from.reply(self.seen.clone());
        } else {
            self.waiting.push(from);
        }
    }
}
