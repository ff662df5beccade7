//! A server that is offered ten times what it can do, by callers who wait for a limited time.

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::case::{Case, Entrant, Row, Unit};
use crate::system::System;

/// A server that takes [`WORK`] for each call.
pub trait Overloaded: System {
    type Slow: Clone + Send + Sync + 'static;

    /// Starts one; if it `sheds`, it drops what has waited for longer than [`AGE`].
    fn start_slow(&self, sheds: bool) -> impl Future<Output = Self::Slow> + Send;

    /// Calls it, for at most [`LIMIT`]; whether it has answered.
    fn work(slow: &Self::Slow) -> impl Future<Output = bool> + Send;

    /// Waits on the clock of the system.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Ends it, with what still waits for it.
    fn end_slow(slow: Self::Slow) -> impl Future<Output = ()> + Send;
}

pub const WORK: Duration = Duration::from_millis(5);
pub const AGE: Duration = Duration::from_millis(100);
pub const LIMIT: Duration = Duration::from_millis(250);

/// How much it is offered in the time of one call.
const TIMES: u64 = 10;

const PLAIN: Case = Case {
    rows: &[
        Row {
            workload: "overload",
            variant: "plain",
            what: "time per call answered within 250 ms, by a server that takes 5 ms for each and is offered ten times that",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "overload",
            variant: "plain-p99",
            what: "the 99th percentile of the time that these answers took",
            unit: Unit::Nanoseconds,
        },
    ],
    least: 1_000,
    most: 4_000,
    rounds: 5,
};

/// What the server can do, which is measured with the same clock: a timer may be late.
static CAPACITY: Case = Case {
    rows: &[Row {
        workload: "overload",
        variant: "capacity",
        what: "time per call, by a server that takes 5 ms for each and is called by one who waits for the answer",
        unit: Unit::Nanoseconds,
    }],
    least: 50,
    most: 400,
    rounds: 5,
};

static WITHOUT: Case = PLAIN;

static WITH: Case = Case {
    rows: &[
        Row {
            workload: "overload",
            variant: "shedding",
            what: "as plain, and the server drops what has waited for 100 ms",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "overload",
            variant: "shedding-p99",
            what: "the 99th percentile of the time that these answers took",
            unit: Unit::Nanoseconds,
        },
    ],
    ..PLAIN
};

pub fn entrants<S: Overloaded>() -> Vec<Entrant> {
    vec![CAPACITY.of(alone::<S>), WITHOUT.of(offer::<S, false>), WITH.of(offer::<S, true>)]
}

async fn alone<S: Overloaded>(system: S, calls: u64) -> [f64; 1] {
    let slow = system.start_slow(false).await;
    let client = slow.clone();
    let took = system.client(async move {
        let start = Instant::now();
        for _ in 0..calls {
            assert!(S::work(&client).await, "nobody else calls it");
        }
        start.elapsed()
    });
    let took = took.await;
    S::end_slow(slow).await;
    [took.as_nanos() as f64 / calls as f64]
}

async fn offer<S: Overloaded, const SHEDS: bool>(system: S, calls: u64) -> [f64; 2] {
    let slow = system.start_slow(SHEDS).await;
    let start = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..calls / TIMES {
        for _ in 0..TIMES {
            let slow = slow.clone();
            clients.push(system.client(async move {
                let asked = Instant::now();
                S::work(&slow).await.then(|| asked.elapsed())
            }));
        }
        // As the server, so that both are late by as much as the timers of the executor are.
        system.pause(WORK).await;
    }
    let mut answered: Vec<Duration> = join_all(clients).await.into_iter().flatten().collect();
    let took = start.elapsed();
    S::end_slow(slow).await;
    answered.sort_unstable();
    let p99 = answered.get(answered.len() * 99 / 100).map_or(f64::INFINITY, |time| time.as_nanos() as f64);
    [took.as_nanos() as f64 / answered.len().max(1) as f64, p99]
}
