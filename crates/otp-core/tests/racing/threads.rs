//! A runtime of a few threads, for programs that Miri runs. Its clock stands still, so that every callee counts as fast,
//! and is run by its callers.

#![expect(clippy::disallowed_methods, reason = "it is a backend")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::task::{Context, Poll};

use futures::task::{ArcWake, waker_ref};
use otp_core::System;
use otp_core::runtime::{BoxTimer, Instant, Job, Runtime, Task, Timer};

const THREADS: usize = 2;

/// What is to be polled; `None` once the threads are to end.
#[derive(Default)]
struct Queue {
    ready: Mutex<Option<VecDeque<Arc<Queued>>>>,
    bell: Condvar,
    all: Mutex<Vec<Weak<Queued>>>,
    /// How often a task was polled.
    polls: AtomicUsize,
}

struct Queued {
    task: Mutex<Option<Task>>,
    queue: Arc<Queue>,
}

#[derive(Clone)]
pub(crate) struct Threads(Arc<Queue>);

impl Queue {
    fn push(&self, task: Arc<Queued>) {
        let closed = match &mut *self.ready.lock().unwrap() {
            Some(ready) => {
                ready.push_back(task);
                None
            }
            None => Some(task),
        };
        drop(closed);
        self.bell.notify_one();
    }

    fn run(&self) {
        loop {
            let mut ready = self.ready.lock().unwrap();
            let next = loop {
                match ready.as_mut().map(VecDeque::pop_front) {
                    Some(Some(next)) => break next,
                    Some(None) => ready = self.bell.wait(ready).unwrap(),
                    None => return,
                }
            };
            drop(ready);
            self.polls.fetch_add(1, Ordering::Relaxed);
            let mut task = next.task.lock().unwrap();
            let polled = task.as_mut().map(|task| Pin::new(task).poll(&mut Context::from_waker(&waker_ref(&next))));
            if polled.is_some_and(|polled| polled.is_ready()) {
                *task = None;
            }
        }
    }
}

impl ArcWake for Queued {
    fn wake_by_ref(this: &Arc<Queued>) {
        this.queue.push(this.clone());
    }
}

impl Runtime for Threads {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn spawn(&self, task: Task) {
        let task = Arc::new(Queued { task: Mutex::new(Some(task)), queue: self.0.clone() });
        self.0.all.lock().unwrap().push(Arc::downgrade(&task));
        self.0.push(task);
    }

    fn spawn_blocking(&self, job: Job) {
        job.run();
    }

    fn timer(&self, _: Instant) -> BoxTimer {
        Box::pin(Never)
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN
    }

    fn is_entered(&self) -> bool {
        true
    }

    fn random(&self) -> u64 {
        4
    }
}

/// No time passes.
struct Never;

impl Timer for Never {
    fn reset(self: Pin<&mut Self>, _: Instant) {}

    fn poll_expired(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Threads {
    pub(crate) fn polls(&self) -> usize {
        self.0.polls.load(Ordering::Relaxed)
    }

    /// Drops the tasks, as an executor does that is dropped; their processes end.
    pub(crate) fn close(&self) {
        let ready = self.0.ready.lock().unwrap().take();
        self.0.bell.notify_all();
        drop(ready);
        let all = std::mem::take(&mut *self.0.all.lock().unwrap());
        for task in all.iter().filter_map(Weak::upgrade) {
            *task.task.lock().unwrap() = None;
        }
    }
}

/// Runs a program beside the threads that poll processes. It is over when all processes have ended.
pub(crate) fn run(program: impl FnOnce(&System)) {
    run_until_closed(|system, _| {
        program(system);
        for pid in system.processes() {
            system.exit(pid, otp_core::ExitReason::Kill);
            futures::executor::block_on(system.exited(pid));
        }
    });
}

/// Runs a program that may close its executor, which is closed at its end.
pub(crate) fn run_until_closed(program: impl FnOnce(&System, &Threads)) {
    let runtime = Threads(Arc::default());
    *runtime.0.ready.lock().unwrap() = Some(VecDeque::new());
    let system = System::new(runtime.clone());
    let threads = [(); THREADS].map(|()| {
        let queue = runtime.0.clone();
        std::thread::spawn(move || queue.run())
    });
    program(&system, &runtime);
    runtime.close();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Runs parts of a program at the same time.
pub(crate) fn together<const N: usize>(parts: [&(dyn Fn() + Sync); N]) {
    std::thread::scope(|scope| {
        for part in parts {
            scope.spawn(part);
        }
    });
}
