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

/// A task of the executor, with nothing else.
pub trait Tasks: System {
    /// Starts one, which counts before it ends.
    fn start_task(&self, ended: Countdown);
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

static AT_ONCE: Case = Case {
    rows: &[Row {
        workload: "spawn",
        variant: "at-once",
        what: "as `spawn`, without batches: nobody waits for any before all are started",
        unit: Unit::Nanoseconds,
    }],
    ..SPAWN
};

static TASK: Case = Case {
    rows: &[Row {
        workload: "spawn",
        variant: "task",
        what: "as `spawn`, but a task of the executor and nothing else: what no process can do without",
        unit: Unit::Nanoseconds,
    }],
    ..SPAWN
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
    vec![SPAWN.of(in_batches::<S>), AT_ONCE.of(at_once::<S>)]
}

pub fn of_tasks<S: Tasks>() -> Vec<Entrant> {
    vec![TASK.of(tasks::<S>)]
}

pub fn of_servers<S: Stops>() -> Vec<Entrant> {
    vec![SERVER.of(servers::<S>)]
}

pub async fn in_batches<S: Spawns>(system: S, count: u64) -> f64 {
    processes(system, count.div_ceil(BATCH), BATCH).await
}

async fn at_once<S: Spawns>(system: S, count: u64) -> f64 {
    processes(system, 1, count).await
}

async fn processes<S: Spawns>(system: S, batches: u64, size: u64) -> f64 {
    let ended = Countdown::new(0);
    let start = Instant::now();
    for _ in 0..batches {
        ended.reset(size);
        for _ in 0..size {
            system.spawn(ended.clone()).await;
        }
        (&ended).await;
    }
    per_op(start.elapsed(), batches * size)
}

async fn tasks<S: Tasks>(system: S, count: u64) -> f64 {
    let ended = Countdown::new(0);
    let batches = count.div_ceil(BATCH);
    let start = Instant::now();
    for _ in 0..batches {
        ended.reset(BATCH);
        (0..BATCH).for_each(|_| system.start_task(ended.clone()));
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
