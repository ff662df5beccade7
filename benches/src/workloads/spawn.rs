//! Processes that end at once; and servers that are started, called once and stopped.

use std::time::Instant;

use super::call::Servers;
use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// A process with a mailbox, that ends as soon as it runs.
pub trait Spawns: System {
    /// Starts one, which counts before it ends.
    fn spawn(&self, ended: Countdown) -> impl Future<Output = ()> + Send;
}

/// A server that can be told to stop.
pub trait Stops: Servers {
    /// Stops the server, and returns when it has ended.
    fn stop(server: Self::Server) -> impl Future<Output = ()> + Send;
}

/// How many are alive at a time.
const BATCH: u64 = 1_000;

static SPAWN: Case = Case {
    rows: &[Row {
        workload: "spawn",
        variant: "",
        what: "a process with a mailbox that ends at once, up to 1,000,000 of them in batches of 1,000",
        unit: Unit::Nanoseconds,
    }],
    least: BATCH,
    most: 1_000_000,
    rounds: usize::MAX,
};

static SERVER: Case = Case {
    rows: &[Row {
        workload: "spawn",
        variant: "server",
        what: "start a server, call it once, stop it and wait for its end",
        unit: Unit::Nanoseconds,
    }],
    least: 100,
    most: 1_000_000,
    rounds: usize::MAX,
};

pub fn entrants<S: Spawns>() -> Vec<Entrant> {
    vec![SPAWN.of(processes::<S>)]
}

pub fn of_servers<S: Stops>() -> Vec<Entrant> {
    vec![SERVER.of(servers::<S>)]
}

async fn processes<S: Spawns>(system: S, count: u64) -> f64 {
    let batches = count.div_ceil(BATCH);
    let ended = Countdown::new(0);
    let start = Instant::now();
    for _ in 0..batches {
        ended.reset(BATCH);
        for _ in 0..BATCH {
            system.spawn(ended.clone()).await;
        }
        (&ended).await;
    }
    per_op(start.elapsed(), batches * BATCH)
}

async fn servers<S: Stops>(system: S, count: u64) -> f64 {
    let start = Instant::now();
    for n in 0..count {
        let server = system.start_server().await;
        assert_eq!(S::call_unlimited(&server, n).await, n);
        S::stop(server).await;
    }
    per_op(start.elapsed(), count)
}
