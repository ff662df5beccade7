//! What is handed over on a runtime that a test drives itself: it says what is polled inside of what, and how long that takes.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Context;
use std::time::Duration;

use futures::FutureExt;
use futures::task::{ArcWake, waker, waker_ref};
use otp::prelude::*;
use otp::runtime::{BoxTimer, Instant, Job, Runtime, Task};

thread_local! {
    /// The number of the poll of a task on this thread.
    static POLL: Cell<u64> = const { Cell::new(0) };
}

/// A runtime without threads and with a clock that stands still. Polls its tasks in the order in which they were spawned.
#[derive(Clone, Default)]
struct ByHand(Arc<State>);

#[derive(Default)]
struct State {
    tasks: Mutex<Vec<Arc<Slot>>>,
    now: AtomicU64,
    polls: AtomicU64,
}

struct Slot {
    /// Empty while it is polled.
    task: Mutex<Option<Task>>,
    woken: AtomicBool,
}

impl ArcWake for Slot {
    fn wake_by_ref(this: &Arc<Self>) {
        this.woken.store(true, Ordering::Relaxed);
    }
}

impl ByHand {
    /// Polls the tasks that were woken, until none is.
    fn run(&self) {
        while let Some(slot) = self.next_woken() {
            let Some(mut task) = slot.task.lock().unwrap().take() else { continue };
            let outer = POLL.replace(self.0.polls.fetch_add(1, Ordering::Relaxed) + 1);
            let poll = Pin::new(&mut task).poll(&mut Context::from_waker(&waker_ref(&slot)));
            POLL.set(outer);
            if poll.is_pending() {
                *slot.task.lock().unwrap() = Some(task);
            }
        }
    }

    fn next_woken(&self) -> Option<Arc<Slot>> {
        let tasks = self.0.tasks.lock().unwrap();
        tasks.iter().find(|slot| slot.woken.swap(false, Ordering::Relaxed)).cloned()
    }

    /// Lets time pass: what runs now is slow.
    fn is_slow(&self) {
        self.0.now.fetch_add(1_000_000, Ordering::Relaxed);
    }

    /// Starts a process that has shown that it is fast.
    fn worker(&self, system: &System) -> Worker {
        let worker = Worker(system.spawn(async |mut ctx: ProcessContext<Work>| {
            while let Message::User(work) = ctx.receive().await {
                work();
            }
        }));
        for _ in 0..100 {
            worker.run(|| {});
            self.run();
        }
        worker
    }
}

impl Runtime for ByHand {
    fn name(&self) -> &'static str {
        "by hand"
    }

    fn spawn(&self, task: Task) {
        let slot = Slot { task: Mutex::new(Some(task)), woken: AtomicBool::new(true) };
        self.0.tasks.lock().unwrap().push(Arc::new(slot));
    }

    fn spawn_blocking(&self, job: Job) {
        job.run();
    }

    fn timer(&self, _: Instant) -> BoxTimer {
        unreachable!("nothing here waits for a time")
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + Duration::from_nanos(self.0.now.load(Ordering::Relaxed))
    }

    fn random(&self) -> u64 {
        0
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// A process that runs what it is sent.
#[derive(Clone)]
struct Worker(ProcessRef<Work>);

impl Worker {
    fn run(&self, work: impl FnOnce() + Send + 'static) {
        assert!(self.0.try_send(Box::new(work)).is_ok());
    }

    /// Has work run that notes in which poll it was.
    fn run_noted(&self, polled: &Arc<AtomicU64>, work: impl FnOnce() + Send + 'static) {
        let polled = polled.clone();
        self.run(move || {
            polled.store(POLL.get(), Ordering::Relaxed);
            work();
        });
    }
}

/// A system on a runtime, and workers in it.
fn workers<const N: usize>() -> (ByHand, System, [Worker; N]) {
    let hand = ByHand::default();
    let system = System::new(hand.clone());
    let workers = [(); N].map(|()| hand.worker(&system));
    (hand, system, workers)
}

/// A waker that runs tasks, as one of an executor on the same thread may.
struct Runs(ByHand);

impl ArcWake for Runs {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.run();
    }
}

#[test]
fn what_is_polled_while_a_call_is_sent_that_is_not_to_run_inline_leaves_the_one_that_is_next() {
    let (hand, system, [caller, second, inner, innermost]) = workers();
    let runs = waker(Arc::new(Runs(hand.clone())));
    let callee = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<()>>| {
        let mut receive = pin!(ctx.receive());
        std::future::poll_fn(|_| receive.as_mut().poll(&mut Context::from_waker(&runs)).map(drop)).await;
    });
    hand.run();
    let polled = [(); 2].map(|()| Arc::<AtomicU64>::default());
    let [by_caller, by_inner] = polled.clone();
    // Both are woken, and the caller is polled first.
    inner.run(move || innermost.run_noted(&by_inner, || {}));
    caller.run(move || {
        second.run_noted(&by_caller, || {});
        let call = Call::new(&callee, |reply| reply).inline(false).no_timeout();
        assert!(call.now_or_never().is_none());
    });
    hand.run();
    assert!(polled.iter().all(|polled| polled.load(Ordering::Relaxed) > 0), "{polled:?}");
}

#[test]
fn a_process_that_was_woken_beside_its_task_ends_if_the_task_for_that_is_dropped() {
    let (hand, _, [first, second, third]) = workers();
    let (again, tasks) = (first.clone(), hand.clone());
    first.run(move || {
        second.run(move || {
            let before = tasks.0.tasks.lock().unwrap().len();
            // Of several none is handed over.
            third.run(|| {});
            again.run(|| {});
            let beside = tasks.0.tasks.lock().unwrap().split_off(before);
            assert_eq!(beside.len(), 1, "it was polled by the task of another one, and woken meanwhile");
        });
    });
    hand.run();
    assert_eq!(first.0.exited().now_or_never(), Some(ExitReason::Killed));
}

#[test]
fn a_process_that_becomes_slow_is_soon_left_to_its_executor_however_often_it_is() {
    for (period, offset) in [(1, 0), (2, 0), (2, 1), (16, 0), (16, 15), (100, 0)] {
        let (hand, _, [first, second]) = workers();
        let [sent, received] = [(); 2].map(|()| Arc::<AtomicU64>::default());
        let mut handed_over = Vec::new();
        for round in 0..6000 {
            let (tasks, second, received_in) = (hand.clone(), second.clone(), received.clone());
            first.run_noted(&sent, move || {
                second.run_noted(&received_in, move || {
                    if round % period == offset {
                        tasks.is_slow();
                    }
                });
            });
            hand.run();
            if sent.load(Ordering::Relaxed) == received.load(Ordering::Relaxed) && round % period == offset {
                handed_over.push(round);
            }
        }
        let last = handed_over.last().copied();
        assert!(last.is_none_or(|last| last < 5000), "each {period}th from {offset}: {handed_over:?}");
    }
}

#[test]
fn a_process_that_was_slow_hands_over_no_more() {
    let (hand, _, [first, second, third]) = workers();
    let polled = [(); 3].map(|()| Arc::<AtomicU64>::default());
    let mut handed_over = Vec::new();
    for _ in 0..1000 {
        let (tasks, second, third, [sent, passed, received]) =
            (hand.clone(), second.clone(), third.clone(), polled.clone());
        first.run_noted(&sent, move || {
            second.run_noted(&passed, move || {
                tasks.is_slow();
                third.run_noted(&received, || {});
            });
        });
        hand.run();
        let [sent, passed, received] = polled.each_ref().map(|polled| polled.load(Ordering::Relaxed));
        if sent == passed {
            handed_over.push(passed == received);
        }
    }
    // The last time shows that it is slow.
    assert_eq!(handed_over.last(), Some(&false), "{handed_over:?}");
}
