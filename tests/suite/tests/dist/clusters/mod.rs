//! Whole clusters in the simulator: what a simulated cluster is, and what holds in it with every seed.

mod lock;
mod nodes;
mod promises;

use std::future::Future;
use std::time::Duration;

use otp::System;
use otp::dist::{Cluster, Node, NodeName};
use otp::sim::{Config, SimCluster, SimNode, cluster};

/// Long enough for a node to be given up, and for what is left of a connection to be noticed.
const GIVEN_UP: Duration = Duration::from_secs(80);

/// A cluster of nodes that do nothing but be nodes.
async fn plain(nodes: usize) -> SimCluster {
    cluster(nodes, async |system: System, node: Node| {
        node.start(&system).await.unwrap();
    })
    .await
}

/// The other nodes as a node sees them.
fn seen_by(node: &SimNode) -> Vec<NodeName> {
    dist(node).nodes().visible
}

fn dist(node: &SimNode) -> Cluster {
    Cluster::of(&node.system().expect("it is up")).expect("its program starts a node")
}

fn names(nodes: &[&SimNode]) -> Vec<NodeName> {
    nodes.iter().map(|node| node.name().clone()).collect()
}

fn config() -> Config {
    Config::new().seeds(20)
}

/// Runs `body` with twenty seeds.
fn check<Fut: Future<Output = ()>>(body: impl Fn(System) -> Fut) {
    otp::sim::check(config(), body);
}
