//! Processes are registered under keys by themselves, are looked up by them, and end.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// Processes that can be found under a key: a number.
pub trait Keyed: System {
    type Idle: Send + 'static;
    type Registry: Send + Sync + 'static;

    /// An empty registry.
    fn open(&self) -> impl Future<Output = Self::Registry> + Send;

    /// Has one process register itself under all keys below `count`, and wait; gives the nanoseconds for each key.
    fn register_all(&self, registry: &Self::Registry, count: u64) -> impl Future<Output = (f64, Self::Idle)> + Send;

    /// Starts a process that registers itself under a key and then waits until it is ended; returns when it is started, not
    /// when it has registered.
    fn start_under(&self, registry: &Self::Registry, key: u64) -> Self::Idle;

    /// How many keys there are.
    fn count(registry: &Self::Registry) -> u64;

    /// Whether a process is found under a key. What is found is a reference to the process.
    fn is_registered(registry: &Self::Registry, key: u64) -> bool;

    /// Ends the processes, and returns when they have ended and their keys are free.
    fn end(&self, registry: &Self::Registry, processes: Vec<Self::Idle>) -> impl Future<Output = ()> + Send;

    /// Ends the registry.
    fn close(&self, registry: Self::Registry);
}

macro_rules! with {
    ($register:literal, $lookup:literal, $end:literal, $leave:literal, $count:literal, $in_words:literal, $rounds:expr) => {
        Case {
            rows: &[
                Row {
                    workload: "registry",
                    variant: $register,
                    what: concat!("a process registers itself under a key, until it has ", $in_words),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "registry",
                    variant: $lookup,
                    what: concat!("find a process by its key, among ", $in_words, ", each of another process"),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "registry",
                    variant: $end,
                    what: concat!("end a process that has a key, ", $in_words, " of them at once"),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "registry",
                    variant: $leave,
                    what: concat!("end a process that has ", $in_words, " keys, for each key"),
                    unit: Unit::Nanoseconds,
                },
            ],
            least: $count,
            most: $count,
            rounds: $rounds,
        }
    };
}

static FEW: Case = with!("register-1k", "lookup-1k", "end-1k", "leave-1k", 1_000, "1,000", usize::MAX);
static MANY: Case = with!("register-1M", "lookup-1M", "end-1M", "leave-1M", 1_000_000, "1,000,000", 3);

pub fn entrants<S: Keyed>() -> Vec<Entrant> {
    vec![FEW.of(round::<S>), MANY.of(round::<S>)]
}

/// Few keys are registered and looked up again and again, so that the clock has something to measure.
const AT_LEAST: u64 = 20_000;

async fn round<S: Keyed>(system: S, count: u64) -> [f64; 4] {
    let times = AT_LEAST.div_ceil(count);
    let mut sums = [0.0; 4];
    for _ in 0..times {
        let figures = once(&system, count).await;
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
    }
    sums.map(|sum| sum / times as f64)
}

async fn once<S: Keyed>(system: &S, count: u64) -> [f64; 4] {
    let registry = system.open().await;
    let (registering, one) = system.register_all(&registry, count).await;
    let start = Instant::now();
    system.end(&registry, vec![one]).await;
    let leaving = start.elapsed();
    assert_eq!(S::count(&registry), 0);

    let processes: Vec<S::Idle> = (0..count).map(|key| system.start_under(&registry, key)).collect();
    while S::count(&registry) < count {
        futures_lite::future::yield_now().await;
    }
    // In an order that is not that of the registrations.
    let start = Instant::now();
    for n in 0..count {
        let key = n * 7_919 % count;
        assert!(S::is_registered(&registry, key), "{key} is registered");
    }
    let looking_up = start.elapsed();

    let start = Instant::now();
    system.end(&registry, processes).await;
    let ending = start.elapsed();
    assert_eq!(S::count(&registry), 0, "a key is free after its holder's end");
    system.close(registry);
    [registering, per_op(looking_up, count), per_op(ending, count), per_op(leaving, count)]
}
