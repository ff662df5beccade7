//! The timer queue on a clock that is set by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::task::{ArcWake, waker_ref};
use proptest::prelude::*;

use super::queue::TimerQueue;
use super::schedule::Key;
use super::send::next_period;
use crate::exit::ExitReason;
use crate::process::{ProcessContext, ProcessRef};
use crate::runtime::{BoxTimer, Instant, Job, Runtime, Task, Timer};
use crate::sync::Mutex;
use crate::system::System;

/// An executor whose tasks are polled, when they have been woken, and whose clock is moved by the test.
#[derive(Clone, Default)]
struct Manual(Arc<Inner>);

#[derive(Default)]
struct Inner {
    now: AtomicU64,
    tasks: Mutex<Vec<(Arc<Flag>, Task)>>,
    sleepers: Mutex<Vec<(Instant, Waker)>>,
}

struct Flag(AtomicBool);

impl ArcWake for Flag {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.store(true, Ordering::Relaxed);
    }
}

struct ManualTimer(Manual, Instant);

impl Timer for ManualTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.1 = deadline;
    }

    fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.1 <= self.0.now() {
            return Poll::Ready(());
        }
        self.0.0.sleepers.lock().push((self.1, cx.waker().clone()));
        Poll::Pending
    }
}

impl Runtime for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn spawn(&self, task: Task) {
        self.0.tasks.lock().push((Arc::new(Flag(AtomicBool::new(true))), task));
    }

    fn spawn_blocking(&self, job: Job) {
        job.run();
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        Box::pin(ManualTimer(self.clone(), deadline))
    }

    fn now(&self) -> Instant {
        Instant::from_nanos(self.0.now.load(Ordering::Relaxed))
    }

    fn random(&self) -> u64 {
        0
    }
}

impl Manual {
    fn advance(&self, by: u64) {
        let now = Instant::from_nanos(self.0.now.fetch_add(by, Ordering::Relaxed) + by);
        let due: Vec<_> = self.0.sleepers.lock().extract_if(.., |(deadline, _)| *deadline <= now).collect();
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Polls what has been woken until nothing is.
    fn settle(&self) {
        loop {
            let mut tasks = std::mem::take(&mut *self.0.tasks.lock());
            let mut busy = false;
            tasks.retain_mut(|(flag, task)| {
                if !flag.0.swap(false, Ordering::Relaxed) {
                    return true;
                }
                busy = true;
                Pin::new(task).poll(&mut Context::from_waker(&waker_ref(flag))).is_pending()
            });
            self.0.tasks.lock().extend(tasks);
            if !busy {
                return;
            }
        }
    }
}

/// Drops the tasks, which hold their executor, at the end of a test.
struct Close(Manual);

impl Drop for Close {
    fn drop(&mut self) {
        let tasks = std::mem::take(&mut *self.0.0.tasks.lock());
        drop(tasks);
    }
}

fn arm(system: &System, deadline: Instant, fire: impl FnMut() -> Option<Instant> + Send + 'static) -> Key {
    queue(system).arm(system, None, deadline, None, Box::new(fire))
}

/// The queue of timers for no process.
fn queue(system: &System) -> &Arc<TimerQueue> {
    system.timers().of(None)
}

#[derive(Clone, Debug)]
enum Op {
    /// A timer that is due after so long, and then again after each period, if there is one.
    Start(u64, Option<u64>),
    Cancel(usize),
    Advance(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let period = prop_oneof![3 => Just(None), 1 => (1..20_u64).prop_map(Some)];
    prop_oneof![
        3 => (0..50_u64, period).prop_map(|(delay, period)| Op::Start(delay, period)),
        1 => any::<usize>().prop_map(Op::Cancel),
        3 => (0..30_u64).prop_map(Op::Advance),
    ]
}

proptest! {
    #[test]
    fn timers_fire_once_they_are_due_in_the_order_of_deadlines_and_then_of_age(
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let manual = Manual::default();
        let _close = Close(manual.clone());
        let system = System::new(manual.clone());
        let fired: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        // What should be armed: the deadline and the period, by age.
        let mut armed: BTreeMap<u64, (u64, Option<u64>)> = BTreeMap::new();
        let mut keys = Vec::new();
        for op in ops {
            match op {
                Op::Start(delay, period) => {
                    let age = keys.len() as u64;
                    let (fired, clock) = (fired.clone(), manual.clone());
                    let mut due = clock.now().as_nanos() + delay;
                    armed.insert(age, (due, period));
                    let deadline = Instant::from_nanos(due);
                    keys.push(arm(&system, deadline, move || {
                        fired.lock().push((due, age));
                        due += period?;
                        Some(Instant::from_nanos(due))
                    }));
                }
                Op::Cancel(index) if !keys.is_empty() => {
                    let index = index % keys.len();
                    let left = armed.remove(&(index as u64)).map(|(due, _)| due - manual.now().as_nanos());
                    prop_assert_eq!(queue(&system).read(keys[index]), left.map(Duration::from_nanos));
                    prop_assert_eq!(queue(&system).cancel(keys[index]), left.map(Duration::from_nanos));
                    prop_assert_eq!(queue(&system).cancel(keys[index]), None);
                }
                Op::Cancel(_) => {}
                Op::Advance(by) => manual.advance(by),
            }
            manual.settle();
            let now = manual.now().as_nanos();
            let mut expected = Vec::new();
            while let Some((&age, &(due, period))) = armed.iter().min_by_key(|(age, (due, _))| (*due, **age))
                && due <= now
            {
                expected.push((due, age));
                match period {
                    Some(period) => armed.insert(age, (due + period, Some(period))),
                    None => armed.remove(&age),
                };
            }
            prop_assert_eq!(std::mem::take(&mut *fired.lock()), expected);
            prop_assert_eq!(system.timers().len(), armed.len());
        }
    }

    #[test]
    fn the_next_period_is_the_first_one_that_is_not_over(due: u32, period in 1..u32::MAX, late: u32) {
        let (start, period) = (Instant::from_nanos(due.into()), Duration::from_nanos(period.into()));
        let now = start + Duration::from_nanos(late.into());
        let next = next_period(start, period, now);
        prop_assert!(next > now && next - now <= period);
        prop_assert_eq!((next - start).as_nanos() % period.as_nanos(), 0);
        prop_assert_eq!(next_period(Instant::FAR_FUTURE, period, now), Instant::FAR_FUTURE);
    }
}

#[test]
fn the_timers_are_dropped_with_their_executor_and_new_ones_work_on() {
    let manual = Manual::default();
    let _close = Close(manual.clone());
    let system = System::new(manual.clone());
    let start = || arm(&system, Instant::from_nanos(10), || None);
    let first = start();
    manual.settle();
    assert_eq!(system.timers().len(), 1);
    let tasks = std::mem::take(&mut *manual.0.tasks.lock());
    drop(tasks);
    assert_eq!((system.timers().len(), queue(&system).cancel(first)), (0, None));
    start();
    manual.settle();
    assert_eq!(system.timers().len(), 1);
    manual.advance(10);
    manual.settle();
    assert_eq!(system.timers().len(), 0);
}

#[test]
fn timers_for_processes_in_different_queues_have_different_references() {
    let manual = Manual::default();
    let _close = Close(manual.clone());
    let system = System::new(manual.clone());
    let processes: Vec<_> =
        (0..100).map(|_| system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await)).collect();
    let set = |process: &ProcessRef<()>| system.send_after(Duration::from_nanos(5), process, ());
    let timers: Vec<_> = processes.iter().chain(&processes).map(set).collect();
    let references: BTreeSet<_> = timers.iter().map(|timer| timer.reference().number()).collect();
    assert_eq!((references.len(), system.timer_count()), (200, 200));
    assert!(timers.iter().all(|timer| timer.read() == Some(Duration::from_nanos(5))));
    processes.iter().take(50).for_each(|process| system.exit(process.pid(), ExitReason::Kill));
    manual.settle();
    assert_eq!(timers.iter().filter(|timer| timer.cancel().is_some()).count(), 100);
    assert_eq!(system.timer_count(), 0);
}
