//! Servers that cannot answer at once: eight clients call one; or the handler waits for a timer.

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::call::Servers;
use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// A server whose handler waits for [`NAP`] before it answers.
pub trait Nappers: System {
    type Napper: Clone + Send + Sync + 'static;

    fn start_napper(&self) -> impl Future<Output = Self::Napper> + Send;

    /// Returns how often it was called; fails after [`LIMIT`](super::call::LIMIT).
    fn nap(napper: &Self::Napper) -> impl Future<Output = u64> + Send;

    /// Ends it, where it does not end when nobody knows it any more.
    fn end_napper(napper: Self::Napper) -> impl Future<Output = ()> + Send {
        async move { drop(napper) }
    }
}

pub const NAP: Duration = Duration::from_millis(1);

const CLIENTS: u64 = 8;
/// So many that the machine is busy with the calls and not with waiting for the timers.
const PAIRS: u64 = 5_000;

static CLIENTS_8: Case = Case {
    rows: &[Row {
        workload: "call-busy",
        variant: "8-clients",
        what: "eight clients call one server, five seconds to answer; time for each call",
        unit: Unit::Nanoseconds,
    }],
    least: 1_000,
    most: 10_000_000,
    rounds: usize::MAX,
};

static TIMER: Case = Case {
    rows: &[Row {
        workload: "call-busy",
        variant: "timer",
        what: "5,000 clients, each with a server whose handler waits for a timer of 1 ms; time for each call",
        unit: Unit::Nanoseconds,
    }],
    least: PAIRS,
    most: 100 * PAIRS,
    rounds: usize::MAX,
};

pub fn entrants<S: Servers>() -> Vec<Entrant> {
    vec![CLIENTS_8.of(clients::<S>)]
}

pub fn with_timer<S: Nappers>() -> Vec<Entrant> {
    vec![TIMER.of(timer::<S>)]
}

async fn clients<S: Servers>(system: S, calls: u64) -> f64 {
    let server = system.start_server().await;
    let each = calls.div_ceil(CLIENTS);
    let start = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let server = server.clone();
        system.client(async move {
            for _ in 0..each {
                S::call(&server, 1).await;
            }
        })
    });
    join_all(clients.collect::<Vec<_>>()).await;
    let time = start.elapsed();
    assert_eq!(S::call(&server, 0).await, each * CLIENTS, "every call was handled once");
    per_op(time, each * CLIENTS)
}

async fn timer<S: Nappers>(system: S, calls: u64) -> f64 {
    let mut nappers = Vec::new();
    for _ in 0..PAIRS {
        nappers.push(system.start_napper().await);
    }
    let each = calls.div_ceil(PAIRS);
    let start = Instant::now();
    let clients = nappers.iter().cloned().map(|napper| {
        system.client(async move {
            let mut called = 0;
            for _ in 0..each {
                called = S::nap(&napper).await;
            }
            assert_eq!(called, each, "every call was handled once");
        })
    });
    join_all(clients.collect::<Vec<_>>()).await;
    let time = start.elapsed();
    for napper in nappers {
        S::end_napper(napper).await;
    }
    per_op(time, each * PAIRS)
}
