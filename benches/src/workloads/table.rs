//! Tables that many read, and whose counters many update: numbers under numbers.

use std::time::Instant;

use super::memory::{in_fresh_process, resident};
use super::scaling::together;
use crate::case::{Case, Entrant, Rounds, Row, Unit, per_op};
use crate::system::System;

/// Tables from numbers to numbers.
pub trait Tabled: System {
    type Table: Send + Sync + 'static;

    /// An empty table, which anybody may write.
    fn make(&self) -> impl Future<Output = Self::Table> + Send;

    fn insert(table: &Self::Table, key: u64, value: u64);

    fn lookup(table: &Self::Table, key: u64) -> Option<u64>;

    /// Adds 1 to the number under a key, which is there.
    fn count(table: &Self::Table, key: u64);
}

macro_rules! row {
    ($variant:literal, $what:expr) => {
        Row { workload: "table", variant: $variant, what: $what, unit: Unit::Nanoseconds }
    };
}

macro_rules! with {
    ($insert:literal, $lookup:literal, $both:literal, $count:literal, $all:literal, $rows:literal, $in_words:literal) => {
        Case {
            rows: &[
                row!($insert, concat!("insert a row, until there are ", $in_words)),
                row!($lookup, concat!("look a row up, among ", $in_words)),
                row!($both, concat!("look a row up, among ", $in_words, ", on two threads at once")),
                row!($count, concat!("update a counter, among ", $in_words)),
                row!($all, concat!("update a counter, among ", $in_words, ", on two threads at once")),
            ],
            least: $rows,
            most: $rows,
            rounds: if $rows > 10_000 { 3 } else { usize::MAX },
        }
    };
}

static FEW: Case =
    with!("insert-1k", "lookup-1k", "lookup-2-threads-1k", "count-1k", "count-2-threads-1k", 1_000, "1,000");
static MANY: Case =
    with!("insert-1M", "lookup-1M", "lookup-2-threads-1M", "count-1M", "count-2-threads-1M", 1_000_000, "1,000,000");

static BYTES: Case = Case {
    rows: &[Row {
        workload: "table-memory",
        variant: "",
        what: "a row of a table with 1,000,000, of two numbers of 8 bytes",
        unit: Unit::Bytes,
    }],
    least: 1_000_000,
    most: 1_000_000,
    rounds: 1,
};

pub fn entrants<S: Tabled>() -> Vec<Entrant> {
    let bytes = Entrant {
        system: S::ID,
        case: &BYTES,
        start: Box::new(|| -> Rounds { Box::new(|count| vec![in_fresh_process("table-memory", S::ID, count)]) }),
        child: Some(measure::<S>),
    };
    vec![FEW.of(round::<S>), MANY.of(round::<S>), bytes]
}

/// Few rows are used again and again, so that the clock has something to measure.
const AT_LEAST: u64 = 400_000;

async fn round<S: Tabled>(system: S, rows: u64) -> [f64; 5] {
    let times = AT_LEAST.div_ceil(rows);
    let mut inserting = 0.0;
    let mut last = None;
    for _ in 0..times.min(20) {
        let table = system.make().await;
        let start = Instant::now();
        (0..rows).for_each(|key| S::insert(&table, key, key));
        inserting += per_op(start.elapsed(), rows);
        last = Some(table);
    }
    let table = last.expect("there is one");
    // In an order that is not that of the insertions.
    let lookup = |first: u64| {
        for n in 0..rows {
            let key = (n + first) * 7_919 % rows;
            assert!(S::lookup(&table, key).is_some(), "{key} is there");
        }
    };
    let count = |first: u64| (0..rows).for_each(|n| S::count(&table, (n + first) * 7_919 % rows));
    let figures = [
        inserting / times.min(20) as f64,
        one(rows, times, &lookup),
        two(rows, times, &lookup),
        one(rows, times, &count),
        two(rows, times, &count),
    ];
    let sum: u64 = (0..rows).map(|key| S::lookup(&table, key).expect("it is there")).sum();
    assert_eq!(sum, rows * (rows - 1) / 2 + 3 * times * rows, "nothing was lost");
    figures
}

fn one(rows: u64, times: u64, act: &impl Fn(u64)) -> f64 {
    let start = Instant::now();
    (0..times).for_each(|_| act(0));
    per_op(start.elapsed(), rows * times)
}

/// The time of both together, for each of what each of them did.
fn two(rows: u64, times: u64, act: &(impl Fn(u64) + Sync)) -> f64 {
    per_op(together(2, |nth| (0..times).for_each(|_| act(nth * rows / 2))), rows * times)
}

fn measure<S: Tabled>(count: u64) -> f64 {
    let (executor, system) = S::start();
    let client = {
        let system = system.clone();
        async move {
            // What the executor and the allocator need anyway.
            let first = system.make().await;
            (0..1_000).for_each(|key| S::insert(&first, key, key));
            let before = resident();
            let table = system.make().await;
            (0..count).for_each(|key| S::insert(&table, key, key));
            let grown = resident().saturating_sub(before);
            assert_eq!((S::lookup(&table, 1), S::lookup(&first, 1)), (Some(1), Some(1)));
            grown as f64 / count as f64
        }
    };
    system.run(&executor, client)
}
