//! A token that goes round in a ring of processes.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// A process that is told who is next, and then passes tokens on: a token says how many hops are left. The one that
/// gets zero counts. They know each other in a circle, and end with the executor.
pub trait Nodes: System {
    type Node: Clone + Send + Sync + 'static;

    fn start_node(&self, arrived: Countdown) -> impl Future<Output = Self::Node> + Send;

    fn link(node: &Self::Node, next: Self::Node) -> impl Future<Output = ()> + Send;

    fn send(node: &Self::Node, token: u64) -> impl Future<Output = ()> + Send;
}

const NODES: usize = 1_000;
const LAPS: u64 = 1_000;

static RING: Case = Case {
    rows: &[Row {
        workload: "ring",
        variant: "",
        what: "a token goes round 1,000 processes, up to 1,000 times; time for each hop",
        unit: Unit::Nanoseconds,
    }],
    least: NODES as u64,
    most: NODES as u64 * LAPS,
    rounds: usize::MAX,
};

pub fn entrants<S: Nodes>() -> Vec<Entrant> {
    vec![RING.of(round::<S>)]
}

async fn round<S: Nodes>(system: S, hops: u64) -> f64 {
    pass(system, NODES, hops).await
}

/// Has a token passed `hops` times round a ring of so many nodes.
pub async fn pass<S: Nodes>(system: S, size: usize, hops: u64) -> f64 {
    let arrived = Countdown::new(1);
    let mut nodes = Vec::with_capacity(size);
    for _ in 0..size {
        nodes.push(system.start_node(arrived.clone()).await);
    }
    for (place, node) in nodes.iter().enumerate() {
        S::link(node, nodes[(place + 1) % size].clone()).await;
    }
    // Once round: every node knows its successor, and has run.
    S::send(&nodes[0], size as u64).await;
    (&arrived).await;
    arrived.reset(1);
    let start = Instant::now();
    S::send(&nodes[0], hops).await;
    (&arrived).await;
    per_op(start.elapsed(), hops)
}
