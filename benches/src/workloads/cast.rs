//! Producers that wait for nothing, one consumer that adds up what they send.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::call::Servers;
use crate::case::{Case, Entrant, Row, Unit, per_op};

/// A server that takes casts, in a mailbox without a bound.
pub trait Casts: Servers {
    /// Tells the server to add `n`, and does not wait until it has.
    fn cast(server: &Self::Server, n: u64) -> impl Future<Output = ()> + Send;
}

static ONE: Case = Case {
    rows: &[Row {
        workload: "cast",
        variant: "1-producer",
        what: "from the first cast until the last is handled",
        unit: Unit::Nanoseconds,
    }],
    least: 1_000,
    most: 1_000_000,
    rounds: usize::MAX,
};

static FOUR: Case = Case {
    rows: &[Row { workload: "cast", variant: "4-producers", what: "as one producer", unit: Unit::Nanoseconds }],
    ..ONE
};

pub fn entrants<S: Casts>() -> Vec<Entrant> {
    vec![ONE.of(produce::<S, 1>), FOUR.of(produce::<S, 4>)]
}

pub async fn produce<S: Casts, const PRODUCERS: u64>(system: S, casts: u64) -> f64 {
    let server = system.start_server().await;
    let each = casts.div_ceil(PRODUCERS);
    let start = Instant::now();
    let producers = (0..PRODUCERS).map(|_| {
        let server = server.clone();
        system.client(async move {
            for _ in 0..each {
                S::cast(&server, 1).await;
            }
        })
    });
    join_all(producers.collect::<Vec<_>>()).await;
    handled_all(start, each * PRODUCERS, || S::call_unlimited(&server, 0)).await;
    per_op(start.elapsed(), each * PRODUCERS)
}

/// Asks for the sum until it is `all`: at once, unless the call has overtaken casts (xtra keeps no order).
pub async fn handled_all<F: Future<Output = u64>>(start: Instant, all: u64, sum: impl Fn() -> F) {
    loop {
        match sum().await.cmp(&all) {
            Ordering::Equal => return,
            Ordering::Less => assert!(start.elapsed() < Duration::from_secs(60), "a cast was lost"),
            Ordering::Greater => panic!("a cast was handled twice"),
        }
    }
}
