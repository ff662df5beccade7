//! A request and the selective receive of its reply, while messages of another kind wait in the mailbox.

use std::time::Duration;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// A process that receives selectively.
pub trait Selective: System {
    /// A process with `waiting` messages in its mailbox that nobody receives sends a request to another one and
    /// receives the reply, so many times; returns how long that took.
    fn ask_past(&self, waiting: u64, times: u64) -> impl Future<Output = Duration> + Send;
}

macro_rules! past {
    ($variant:literal) => {
        Case {
            rows: &[Row {
                workload: "selective",
                variant: $variant,
                what: concat!("a request, and the selective receive of its reply past ", $variant, " messages"),
                unit: Unit::Nanoseconds,
            }],
            least: 100,
            most: 10_000_000,
            rounds: usize::MAX,
        }
    };
}

static PAST_NONE: Case = past!("0");
static PAST_1K: Case = past!("1k");
static PAST_16K: Case = past!("16k");

pub fn entrants<S: Selective>() -> Vec<Entrant> {
    vec![PAST_NONE.of(round::<S, 0>), PAST_1K.of(round::<S, 1_000>), PAST_16K.of(round::<S, 16_000>)]
}

async fn round<S: Selective, const WAITING: u64>(system: S, times: u64) -> f64 {
    per_op(system.ask_past(WAITING, times).await, times)
}
