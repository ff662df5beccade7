//! A runtime of a few threads, for programs that Miri runs. Its clock stands still, so that every callee counts as fast,
//! and is run by its callers.

#![expect(clippy::disallowed_methods, reason = "it is a backend")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
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
}

struct Queued {
    task: Mutex<Option<Task>>,
    queue: Arc<Queue>,
}

#[derive(Clone)]
struct Threads(Arc<Queue>);

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
        self.0.push(Arc::new(Queued { task: Mutex::new(Some(task)), queue: self.0.clone() }));
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

/// Runs a program beside the threads that poll processes. It is over when all processes have ended.
pub(crate) fn run(program: impl FnOnce(&System)) {
    let queue = Arc::new(Queue { ready: Mutex::new(Some(VecDeque::new())), bell: Condvar::new() });
    let system = System::new(Threads(queue.clone()));
    let threads = [(); THREADS].map(|()| {
        let queue = queue.clone();
        std::thread::spawn(move || queue.run())
    });
    program(&system);
    for pid in system.processes() {
        system.exit(pid, otp_core::ExitReason::Kill);
        futures::executor::block_on(system.exited(pid));
    }
    let left = queue.ready.lock().unwrap().take();
    drop(left);
    queue.bell.notify_all();
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
