//! Processes are given names, are looked up by them, and end.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// Processes that can be found under a name.
pub trait Names: System {
    type Idle: Send + Sync + 'static;

    /// Starts a process that waits until it is ended.
    fn start_idle(&self) -> impl Future<Output = Self::Idle> + Send;

    /// Gives it a name.
    fn register(&self, name: &str, process: &Self::Idle);

    /// Whether somebody holds the name.
    fn is_registered(&self, name: &str) -> bool;

    /// Ends the processes, and returns when they have ended and their names are free.
    fn end(&self, processes: Vec<Self::Idle>) -> impl Future<Output = ()> + Send;
}

macro_rules! with {
    ($register:literal, $lookup:literal, $end:literal, $count:literal, $in_words:literal) => {
        Case {
            rows: &[
                Row {
                    workload: "names",
                    variant: $register,
                    what: concat!("give a process a name, until ", $in_words, " have one"),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "names",
                    variant: $lookup,
                    what: concat!("find a process by its name, among ", $in_words),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "names",
                    variant: $end,
                    what: concat!("end a process with a name, ", $in_words, " of them"),
                    unit: Unit::Nanoseconds,
                },
            ],
            least: $count,
            most: $count,
            rounds: if $count > 10_000 { 3 } else { usize::MAX },
        }
    };
}

static FEW: Case = with!("register-1k", "lookup-1k", "end-1k", 1_000, "1,000");
static MANY: Case = with!("register-1M", "lookup-1M", "end-1M", 1_000_000, "1,000,000");

pub fn entrants<S: Names>() -> Vec<Entrant> {
    vec![FEW.of(round::<S>), MANY.of(round::<S>)]
}

/// Few names are registered and looked up again and again, so that the clock has something to measure.
const AT_LEAST: u64 = 20_000;

async fn round<S: Names>(system: S, count: u64) -> [f64; 3] {
    let names: Vec<String> = (0..count).map(|n| format!("process {n}")).collect();
    let times = AT_LEAST.div_ceil(count);
    let mut sums = [0.0; 3];
    for _ in 0..times {
        let figures = once(&system, &names).await;
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
    }
    sums.map(|sum| sum / times as f64)
}

async fn once<S: Names>(system: &S, names: &[String]) -> [f64; 3] {
    let count = names.len() as u64;
    let mut processes = Vec::with_capacity(names.len());
    for _ in 0..count {
        processes.push(system.start_idle().await);
    }

    let start = Instant::now();
    for (name, process) in names.iter().zip(&processes) {
        system.register(name, process);
    }
    let registering = start.elapsed();

    // In an order that is not that of the registrations.
    let start = Instant::now();
    for n in 0..count {
        let name = &names[(n * 7_919 % count) as usize];
        assert!(system.is_registered(name), "{name} is registered");
    }
    let looking_up = start.elapsed();

    let start = Instant::now();
    system.end(processes).await;
    let ending = start.elapsed();
    assert!(!system.is_registered(&names[0]), "a name is free after its holder's end");
    [per_op(registering, count), per_op(looking_up, count), per_op(ending, count)]
}
