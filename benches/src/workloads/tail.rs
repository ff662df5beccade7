//! The slowest of many calls and timers, on a machine that is half busy: one of a hundred, one of a thousand.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::channel::mpsc;

use super::call::Servers;
use super::timers::{Timers, late};
use crate::case::{Case, Entrant, Row, Unit};

macro_rules! rows {
    ($median:literal, $hundredth:literal, $thousandth:literal, $what:literal) => {
        &[
            row($median, concat!($what, ": half of them take no longer")),
            row($hundredth, concat!($what, ": 99 in 100 take no longer")),
            row($thousandth, concat!($what, ": 999 in 1,000 take no longer")),
        ]
    };
}

const fn row(variant: &'static str, what: &'static str) -> Row {
    Row { workload: "tail", variant, what, unit: Unit::Nanoseconds }
}

static CALL: Case = Case {
    rows: rows!(
        "call-median",
        "call-99th",
        "call-999th",
        "a call of an idle server, three each millisecond, on a machine that is half busy"
    ),
    least: 3_000,
    most: 3_000,
    rounds: 3,
};

static TIMER: Case = Case {
    rows: rows!(
        "timer-median",
        "timer-99th",
        "timer-999th",
        "how late a timer's message is, of 3,000 within a second, on a machine that is half busy"
    ),
    ..CALL
};

pub fn entrants<S: Servers>() -> Vec<Entrant> {
    vec![CALL.of(calls::<S>)]
}

pub fn of_timers<S: Timers>() -> Vec<Entrant> {
    vec![TIMER.of(timers::<S>)]
}

async fn calls<S: Servers>(system: S, calls: u64) -> [f64; 3] {
    let _load = Load::start();
    let server = system.start_server().await;
    let mut ticks = ticks(calls);
    let mut took = Vec::with_capacity(calls as usize);
    while ticks.next().await.is_some() {
        let start = Instant::now();
        S::call(&server, 1).await;
        took.push(start.elapsed());
    }
    slowest(took)
}

async fn timers<S: Timers>(system: S, count: u64) -> [f64; 3] {
    let _load = Load::start();
    slowest(late(&system, count).await)
}

fn slowest(mut took: Vec<Duration>) -> [f64; 3] {
    took.sort();
    [500, 990, 999].map(|place| took[took.len() * place / 1_000].as_nanos() as f64)
}

/// Comes three times each millisecond, from a thread of its own: the same for every executor.
fn ticks(count: u64) -> mpsc::UnboundedReceiver<()> {
    let (tick, ticks) = mpsc::unbounded();
    thread::spawn(move || {
        for _ in 0..count {
            thread::sleep(Duration::from_micros(300));
            if tick.unbounded_send(()).is_err() {
                return;
            }
        }
    });
    ticks
}

/// Keeps every processor busy for half of the time, until it is dropped.
pub struct Load {
    over: Arc<AtomicBool>,
}

impl Load {
    pub fn start() -> Load {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let over = over.clone();
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    while start.elapsed() < HALF {
                        black_box((0..1_000).fold(1_u64, |x, n| black_box(x.wrapping_mul(31).wrapping_add(n))));
                    }
                    thread::sleep(HALF);
                }
            });
        }
        Load { over }
    }
}

/// As long as a thread computes, and then sleeps.
const HALF: Duration = Duration::from_millis(2);

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
