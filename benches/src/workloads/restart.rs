//! Supervisors: a child that crashes answers again; all children are started again; a tree ends.

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// Supervisors whose children can be crashed.
pub trait Trees: System {
    type Tree: Send + Sync + 'static;

    /// Starts a supervisor with so many servers. Each counts whenever it is started. No crash is one too many.
    fn start_tree(
        &self,
        strategy: Strategy,
        children: u64,
        started: Countdown,
    ) -> impl Future<Output = Self::Tree> + Send;

    /// Has the first child crash: its handler panics with [`CRASH`].
    fn crash(tree: &Self::Tree) -> impl Future<Output = ()> + Send;

    /// Calls the first child; false if that fails.
    fn answers(tree: &Self::Tree) -> impl Future<Output = bool> + Send;

    /// Stops the supervisor and returns when it and its children have ended.
    fn stop(tree: Self::Tree) -> impl Future<Output = ()> + Send;
}

/// Supervisors under a supervisor, which can be stopped.
pub trait DeepTrees: System {
    type Deep: Send + 'static;

    /// Starts a supervisor of [`BRANCHES`] supervisors with [`LEAVES`] servers each.
    fn start_deep(&self) -> impl Future<Output = Self::Deep> + Send;

    /// Stops the one at the top and returns when all have ended.
    fn stop_deep(tree: Self::Deep) -> impl Future<Output = ()> + Send;
}

#[derive(Clone, Copy, PartialEq)]
pub enum Strategy {
    OneForOne,
    OneForAll,
}

/// What a child panics with.
pub const CRASH: &str = "on purpose";

/// Keeps panics that are part of the workload off the terminal; all others stay there.
pub fn expect_crashes() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(CRASH) {
            print(panic);
        }
    }));
}

/// Restarts within this time count; as many are allowed as there can be.
pub const PERIOD: Duration = Duration::from_secs(1);
pub const INTENSITY: u32 = 1_000_000;

const CHILDREN: u64 = 1_000;
pub const BRANCHES: u64 = 100;
pub const LEAVES: u64 = 1_000;

static ONE: Case = Case {
    rows: &[Row {
        workload: "restart",
        variant: "one",
        what: "from the message that crashes a child until it answers again, one_for_one",
        unit: Unit::Nanoseconds,
    }],
    least: 10,
    most: 100_000,
    rounds: usize::MAX,
};

static PANIC: Case = Case {
    rows: &[Row {
        workload: "restart",
        variant: "panic",
        what: "a panic that is caught at once, and nothing else: what no crash can do without",
        unit: Unit::Nanoseconds,
    }],
    ..ONE
};

static ALL: Case = Case {
    rows: &[Row {
        workload: "restart",
        variant: "all",
        what: "as restart/one, one_for_all with 1,000 children",
        unit: Unit::Nanoseconds,
    }],
    least: 1,
    most: 1_000,
    rounds: usize::MAX,
};

static TERMINATE: Case = Case {
    rows: &[Row {
        workload: "restart",
        variant: "terminate",
        what: "stopping a tree of 100 supervisors with 1,000 servers each",
        unit: Unit::Nanoseconds,
    }],
    least: 1,
    most: 1,
    rounds: 5,
};

pub fn entrants<S: Trees>() -> Vec<Entrant> {
    vec![ONE.of(one::<S>), ALL.of(all::<S>)]
}

/// For systems that restart the one child that crashed, and have no strategies.
pub fn entrants_of_one<S: Trees>() -> Vec<Entrant> {
    vec![ONE.of(one::<S>)]
}

/// For what has no supervisors: what the crash alone takes.
pub fn of_panics<S: System>() -> Vec<Entrant> {
    vec![PANIC.of(panics::<S>)]
}

pub fn of_deep_trees<S: DeepTrees>() -> Vec<Entrant> {
    vec![TERMINATE.of(terminate::<S>)]
}

async fn panics<S: System>(_: S, crashes: u64) -> f64 {
    let start = Instant::now();
    for _ in 0..crashes {
        assert!(catch_unwind(|| panic!("{CRASH}")).is_err());
    }
    per_op(start.elapsed(), crashes)
}

async fn one<S: Trees>(system: S, crashes: u64) -> f64 {
    restart(system, Strategy::OneForOne, 1, crashes).await
}

async fn all<S: Trees>(system: S, crashes: u64) -> f64 {
    restart(system, Strategy::OneForAll, CHILDREN, crashes).await
}

async fn restart<S: Trees>(system: S, strategy: Strategy, children: u64, crashes: u64) -> f64 {
    let started = Countdown::new(children);
    let tree = system.start_tree(strategy, children, started.clone()).await;
    (&started).await;
    assert!(S::answers(&tree).await, "it answers before it crashes");
    let mut time = Duration::ZERO;
    for _ in 0..crashes {
        started.reset(children);
        let start = Instant::now();
        S::crash(&tree).await;
        (&started).await;
        while !S::answers(&tree).await {
            futures_lite::future::yield_now().await;
        }
        time += start.elapsed();
    }
    S::stop(tree).await;
    per_op(time, crashes)
}

async fn terminate<S: DeepTrees>(system: S, times: u64) -> f64 {
    let mut time = Duration::ZERO;
    for _ in 0..times {
        let tree = system.start_deep().await;
        let start = Instant::now();
        S::stop_deep(tree).await;
        time += start.elapsed();
    }
    per_op(time, times)
}
