//! A value is published to many subscribers, until all have it.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// Topics whose subscribers are of the kind `K`.
pub trait Topics<K>: System {
    type Topic: Send + Sync + 'static;
    /// Keeps the subscriber running.
    type Subscriber: Send + 'static;

    fn open(&self) -> impl Future<Output = Self::Topic> + Send;

    /// Starts a subscriber that counts the values which it gets; returns when it has subscribed.
    fn subscribe(&self, topic: &Self::Topic, arrived: Countdown) -> impl Future<Output = Self::Subscriber> + Send;

    fn publish(topic: &Self::Topic, value: u64) -> impl Future<Output = ()> + Send;

    /// Ends the subscribers.
    fn end(&self, topic: Self::Topic, subscribers: Vec<Self::Subscriber>) -> impl Future<Output = ()> + Send;
}

/// Processes or actors, whose mailboxes get the values.
pub struct Processes;

/// Tasks that read a stream, or a channel.
pub struct Streams;

macro_rules! to {
    ($variant:literal, $what:literal, $most:literal) => {
        Case {
            rows: &[Row { workload: "topic", variant: $variant, what: $what, unit: Unit::Nanoseconds }],
            least: 1,
            most: $most,
            rounds: usize::MAX,
        }
    };
}

static ONE: Case = to!("1", "publish a value to a process, until it has it", 1_000_000);
static SOME: Case = to!("100", "publish a value to 100 processes, until all have it; time for each", 100_000);
static MANY: Case = to!("100k", "publish a value to 100,000 processes, until all have it; time for each", 20);
static STREAM: Case = to!("stream-1", "publish a value to a task, until it has it", 1_000_000);
static STREAMS: Case = to!("stream-100", "publish a value to 100 tasks, until all have it; time for each", 100_000);
static MANY_STREAMS: Case =
    to!("stream-100k", "publish a value to 100,000 tasks, until all have it; time for each", 20);

pub fn entrants<S: Topics<Processes>>() -> Vec<Entrant> {
    vec![ONE.of(round::<S, Processes, 1>), SOME.of(round::<S, Processes, 100>), MANY.of(round::<S, Processes, 100_000>)]
}

pub fn of_streams<S: Topics<Streams>>() -> Vec<Entrant> {
    vec![
        STREAM.of(round::<S, Streams, 1>),
        STREAMS.of(round::<S, Streams, 100>),
        MANY_STREAMS.of(round::<S, Streams, 100_000>),
    ]
}

async fn round<S: Topics<K>, K, const MANY: u64>(system: S, values: u64) -> f64 {
    let topic = system.open().await;
    let arrived = Countdown::new(MANY);
    let mut subscribers = Vec::new();
    for _ in 0..MANY {
        subscribers.push(system.subscribe(&topic, arrived.clone()).await);
    }
    // The first one finds subscribers that have not run yet.
    S::publish(&topic, 0).await;
    (&arrived).await;
    let start = Instant::now();
    for value in 0..values {
        arrived.reset(MANY);
        S::publish(&topic, value).await;
        (&arrived).await;
    }
    let time = start.elapsed();
    system.end(topic, subscribers).await;
    per_op(time, values * MANY)
}
