//! As `cast`, with a mailbox that holds 1,024 messages: producers wait for room.

use std::time::Instant;

use futures::future::join_all;

use super::cast::handled_all;
use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// A server as in `call`, with a bounded mailbox.
pub trait BoundedCasts: System {
    type Bounded: Clone + Send + Sync + 'static;

    /// Starts one whose mailbox holds [`BOUND`] messages.
    fn start_bounded(&self) -> impl Future<Output = Self::Bounded> + Send;

    /// Tells the server to add `n`; waits for room in its mailbox, and not until it has.
    fn cast_when_room(server: &Self::Bounded, n: u64) -> impl Future<Output = ()> + Send;

    /// Asks for the sum.
    fn sum(server: &Self::Bounded) -> impl Future<Output = u64> + Send;
}

pub const BOUND: usize = 1_024;

static ONE: Case = Case {
    rows: &[Row {
        workload: "cast-bounded",
        variant: "1-producer",
        what: "as cast/1-producer, with room for 1,024 messages; the producer waits for room",
        unit: Unit::Nanoseconds,
    }],
    least: 1_000,
    most: 1_000_000,
    rounds: usize::MAX,
};

static FOUR: Case = Case {
    rows: &[Row {
        workload: "cast-bounded",
        variant: "4-producers",
        what: "as one producer, bounded",
        unit: Unit::Nanoseconds,
    }],
    ..ONE
};

pub fn entrants<S: BoundedCasts>() -> Vec<Entrant> {
    vec![ONE.of(produce::<S, 1>), FOUR.of(produce::<S, 4>)]
}

async fn produce<S: BoundedCasts, const PRODUCERS: u64>(system: S, casts: u64) -> f64 {
    let server = system.start_bounded().await;
    let each = casts.div_ceil(PRODUCERS);
    let start = Instant::now();
    let producers = (0..PRODUCERS).map(|_| {
        let server = server.clone();
        system.client(async move {
            for _ in 0..each {
                S::cast_when_room(&server, 1).await;
            }
        })
    });
    join_all(producers.collect::<Vec<_>>()).await;
    handled_all(start, each * PRODUCERS, || S::sum(&server)).await;
    per_op(start.elapsed(), each * PRODUCERS)
}
