//! What threads do at the same time, each on its own: does it take twice the time for two of them?
//!
//! A row's figure is the time of all threads together, for each of what each of them did: equal figures mean that
//! threads do not stand in each other's way.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::{Barrier, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::call::limited;
use super::cast::{Casts, produce};
use super::spawn::{Spawns, in_batches};
use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;
use crate::threads::variant;

/// What threads do with what they share.
pub trait Scaled: System {
    type Shared: Send + Sync + 'static;

    const ACTS: &'static [Act<Self>];

    /// Starts a process under each name, which waits until it is ended; and fills what else is shared with as many.
    fn share(&self, names: Vec<String>) -> impl Future<Output = Self::Shared> + Send;

    /// Ends the processes, and returns when their names are free.
    fn end(&self, shared: Self::Shared) -> impl Future<Output = ()> + Send;
}

/// Something that the `thread`-th thread does so often.
pub struct Act<S: Scaled> {
    pub name: &'static str,
    pub what: &'static str,
    pub act: fn(&S::Shared, thread: u64, times: u64),
}

/// How many processes have names.
pub const NAMES: u64 = 100_000;

/// What the `thread`-th thread does the `n`-th time, it does to this one: threads are at different places, in no order.
pub fn nth(thread: u64, n: u64) -> usize {
    ((n + thread * NAMES / 3) * 7_919 % NAMES) as usize
}

/// The control, which shares nothing: what the machine itself makes of two threads.
pub fn compute(times: u64) {
    for n in 0..times {
        black_box(
            (0..100).fold(n, |x: u64, step| black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step))),
        );
    }
}

pub fn entrants<S: Scaled>() -> Vec<Entrant> {
    let entrant = |act: &'static Act<S>| {
        case(act.name, act.what, threads()).of(move |system, times| on_threads(system, act, times))
    };
    S::ACTS.iter().map(entrant).collect()
}

/// Clients on the executor's workers, which are two.
pub fn of_clients<S: Casts + Spawns>() -> Vec<Entrant> {
    let case = |name, what| case(name, what, &[1, 2]);
    vec![
        case("call", "a call of a server of one's own").of(|system: S, times| on_workers(system, times, limited)),
        case("cast", "a cast to a server of one's own")
            .of(|system: S, times| on_workers(system, times, produce::<S, 1>)),
        case("spawn", "a process that ends at once").of(|system: S, times| on_workers(system, times, in_batches)),
    ]
}

/// As many operations of each thread as are enough for the clock.
const TIMES: u64 = 100_000;

/// The case of this name, which all systems share.
fn case(name: &'static str, what: &'static str, counts: &'static [u64]) -> &'static Case {
    static CASES: Mutex<BTreeMap<&str, &'static Case>> = Mutex::new(BTreeMap::new());
    let mut cases = CASES.lock().expect("nobody panics with it");
    cases.entry(name).or_insert_with(|| {
        let rows: Vec<Row> = counts.iter().map(|&count| row(name, what, count)).collect();
        Box::leak(Box::new(Case { rows: rows.leak(), least: TIMES, most: TIMES, rounds: 5 }))
    })
}

fn row(name: &str, what: &str, count: u64) -> Row {
    let in_words = match count {
        1 => "one thread".to_owned(),
        _ => format!("each of {count} threads"),
    };
    Row {
        workload: "scaling",
        variant: variant(name, count).leak(),
        what: format!("{what}, on {in_words}").leak(),
        unit: Unit::Nanoseconds,
    }
}

/// One, two, four, as many as the machine has.
fn threads() -> &'static [u64] {
    static COUNTS: OnceLock<Vec<u64>> = OnceLock::new();
    COUNTS.get_or_init(|| {
        let most = thread::available_parallelism().map_or(1, |most| most.get() as u64);
        (0..).map(|power| 1 << power).take_while(|count| *count <= most).collect()
    })
}

async fn on_threads<S: Scaled>(system: S, act: &'static Act<S>, times: u64) -> Vec<f64> {
    let shared = system.share((0..NAMES).map(|n| format!("process {n}")).collect()).await;
    let run = |count: &u64| per_op(together(*count, |thread| (act.act)(&shared, thread, times)), times);
    let figures = threads().iter().map(run).collect();
    system.end(shared).await;
    figures
}

/// The time that all of them take.
pub fn together(count: u64, act: impl Fn(u64) + Sync) -> Duration {
    let begin = Barrier::new(count as usize + 1);
    thread::scope(|scope| {
        for thread in 0..count {
            let (begin, act) = (&begin, &act);
            scope.spawn(move || {
                begin.wait();
                act(thread);
            });
        }
        begin.wait();
        Instant::now()
    })
    .elapsed()
}

async fn on_workers<S, Fut>(system: S, times: u64, client: impl Fn(S, u64) -> Fut) -> Vec<f64>
where
    S: System,
    Fut: Future<Output = f64> + Send + 'static,
{
    let mut figures = Vec::new();
    for count in 1..=2 {
        let clients: Vec<_> = (0..count).map(|_| system.client(client(system.clone(), times))).collect();
        let start = Instant::now();
        join_all(clients).await;
        figures.push(per_op(start.elapsed(), times));
    }
    figures
}
