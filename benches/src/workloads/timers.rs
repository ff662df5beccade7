//! Timers that send a message: armed and cancelled; and how late they fire.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::countdown::Countdown;
use crate::system::System;

/// Messages that are sent after a time.
pub trait Timers: System {
    type Target: Send + Sync + 'static;
    type Timer: Send + Sync + 'static;

    /// Starts a process that records each message it gets: the time at which it was due.
    fn start_target(&self, record: Record) -> impl Future<Output = Self::Target> + Send;

    /// Sends `due` to the process after `delay`.
    fn arm(&self, target: &Self::Target, delay: Duration, due: Instant) -> Self::Timer;

    /// Sees to it that the message is not sent.
    fn cancel(timer: Self::Timer);
}

/// How late messages were.
#[derive(Clone)]
pub struct Record {
    late: Arc<Mutex<Vec<Duration>>>,
    left: Countdown,
}

impl Record {
    fn new(messages: u64) -> Record {
        Record { late: Arc::new(Mutex::new(Vec::with_capacity(messages as usize))), left: Countdown::new(messages) }
    }

    /// A message has arrived that was due then.
    pub fn arrived(&self, due: Instant) {
        let now = Instant::now();
        assert!(now >= due, "a timer does not fire early");
        self.late.lock().expect("nobody panics with it").push(now - due);
        self.left.count();
    }
}

macro_rules! with {
    ($arm:literal, $cancel:literal, $count:literal, $in_words:literal) => {
        Case {
            rows: &[
                Row {
                    workload: "timers",
                    variant: $arm,
                    what: concat!("arm a timer, until ", $in_words, " are armed"),
                    unit: Unit::Nanoseconds,
                },
                Row {
                    workload: "timers",
                    variant: $cancel,
                    what: concat!("cancel one of ", $in_words, " timers"),
                    unit: Unit::Nanoseconds,
                },
            ],
            least: $count,
            most: $count,
            rounds: if $count > 10_000 { 3 } else { usize::MAX },
        }
    };
}

static FEW: Case = with!("arm-1k", "cancel-1k", 1_000, "1,000");
static MANY: Case = with!("arm-1M", "cancel-1M", 1_000_000, "1,000,000");

static FIRE: Case = Case {
    rows: &[
        Row {
            workload: "timers",
            variant: "late-median",
            what: "100,000 timers fire within a second: how late half of them arrive, at most",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "timers",
            variant: "late-99th",
            what: "the same: how late 99 in 100 arrive, at most",
            unit: Unit::Nanoseconds,
        },
    ],
    least: 100_000,
    most: 100_000,
    rounds: 5,
};

pub fn entrants<S: Timers>() -> Vec<Entrant> {
    vec![FEW.of(arm_and_cancel::<S>), MANY.of(arm_and_cancel::<S>), FIRE.of(fire::<S>)]
}

/// None is due before all are armed.
const AFTER_ARMING: Duration = Duration::from_millis(250);

/// Few timers are armed and cancelled again and again, so that the clock has something to measure.
const AT_LEAST: u64 = 20_000;

async fn arm_and_cancel<S: Timers>(system: S, count: u64) -> [f64; 2] {
    let target = system.start_target(Record::new(0)).await;
    let times = AT_LEAST.div_ceil(count);
    let (mut arming, mut cancelling) = (Duration::ZERO, Duration::ZERO);
    let mut timers = Vec::with_capacity(count as usize);
    for _ in 0..times {
        let start = Instant::now();
        for n in 0..count {
            // None of them fires: they are due between one minute and two, in no order.
            let delay = Duration::from_millis(60_000 + n * 7_919 % 60_000);
            timers.push(system.arm(&target, delay, start + delay));
        }
        arming += start.elapsed();
        let start = Instant::now();
        timers.drain(..).for_each(S::cancel);
        cancelling += start.elapsed();
    }
    [per_op(arming, count * times), per_op(cancelling, count * times)]
}

async fn fire<S: Timers>(system: S, count: u64) -> [f64; 2] {
    let mut late = late(&system, count).await;
    late.sort();
    [late[late.len() / 2], late[late.len() * 99 / 100]].map(|late| late.as_nanos() as f64)
}

/// How late the messages of so many timers arrive that fire within a second.
pub async fn late<S: Timers>(system: &S, count: u64) -> Vec<Duration> {
    let record = Record::new(count);
    let target = system.start_target(record.clone()).await;
    let mut timers = Vec::with_capacity(count as usize);
    for n in 0..count {
        let delay = AFTER_ARMING + Duration::from_millis(n * 7_919 % count * 1_000 / count);
        timers.push(system.arm(&target, delay, Instant::now() + delay));
    }
    (&record.left).await;
    std::mem::take(&mut *record.late.lock().expect("nobody panics with it"))
}
