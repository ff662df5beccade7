//! Two processes that send a plain message back and forth.

use super::ring::{Nodes, pass};
use crate::case::{Case, Entrant, Row, Unit};

static PING_PONG: Case = Case {
    rows: &[Row {
        workload: "ping-pong",
        variant: "",
        what: "two processes; time for each message",
        unit: Unit::Nanoseconds,
    }],
    least: 1_000,
    most: 10_000_000,
    rounds: usize::MAX,
};

pub fn entrants<S: Nodes>() -> Vec<Entrant> {
    vec![PING_PONG.of(round::<S>)]
}

async fn round<S: Nodes>(system: S, messages: u64) -> f64 {
    pass(system, 2, messages).await
}
