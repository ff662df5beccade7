//! An executor for models, without threads of its own: each thread of a model runs one task.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::task::{ArcWake, waker};
use loom::alloc::Track;
use loom::sync::{Condvar, Mutex};

use crate::exit::IntoExit;
use crate::process::{ProcessContext, ProcessRef, SpawnOptions};
use crate::runtime::{BoxTimer, Instant, Job, Runtime, Task, Timer};
use crate::system::System;

/// A system whose tasks wait to be fetched.
pub(super) struct Bench {
    pub(super) system: System,
    spawned: Arc<Spawned>,
}

struct Spawned(Mutex<VecDeque<Task>>);

struct ByHand(Arc<Spawned>);

impl Bench {
    /// Nothing is handed over in it: the tasks that this may take have to be fetched.
    pub(super) fn new() -> Bench {
        let bench = Bench::handing_over();
        bench.system.hand_over(false);
        bench
    }

    pub(super) fn handing_over() -> Bench {
        let spawned = Arc::new(Spawned(Mutex::new(VecDeque::new())));
        let system = System::new(ByHand(spawned.clone()));
        Bench { system, spawned }
    }

    /// A process, with the task that is its shell.
    pub(super) fn spawn<M, F, Fut>(&self, body: F) -> (ProcessRef<M>, Fiber<Task>)
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let process = self.system.spawn_with(SpawnOptions::new(), body).expect("it has no name").process;
        (process, self.fetch())
    }

    /// A process that has been polled once, and waits.
    pub(super) fn parked<M, F, Fut>(&self, body: F) -> (ProcessRef<M>, Fiber<Task>)
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let (process, mut task) = self.spawn(body);
        assert!(task.poll().is_pending());
        (process, task)
    }

    /// As [`fetch_if_any`](Bench::fetch_if_any); there is one.
    pub(super) fn fetch(&self) -> Fiber<Task> {
        self.fetch_if_any().expect("one was spawned")
    }

    /// The task of a process that was spawned first, of those that have not been fetched.
    pub(super) fn fetch_if_any(&self) -> Option<Fiber<Task>> {
        let mut spawned = self.spawned.0.lock().unwrap();
        let place = spawned.iter().position(|task| task.shell().is_some())?;
        spawned.remove(place).map(Fiber::new)
    }

    /// All tasks that have not been fetched, as an executor that is dropped drops them.
    pub(super) fn take_all(&self) -> VecDeque<Task> {
        std::mem::take(&mut self.spawned.0.lock().unwrap())
    }
}

impl Runtime for ByHand {
    fn name(&self) -> &'static str {
        "by hand"
    }

    fn spawn(&self, task: Task) {
        self.0.0.lock().unwrap().push_back(task);
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

    fn random(&self) -> u64 {
        0
    }
}

/// Time stands still.
struct Never;

impl Timer for Never {
    fn reset(self: Pin<&mut Self>, _: Instant) {}

    fn poll_expired(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// A future that is only polled after it was woken: one that is not woken sleeps for ever.
pub(super) struct Fiber<F> {
    future: Pin<Box<F>>,
    bell: Arc<Bell>,
}

struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
    _leaks: Track<()>,
}

impl<F: Future> Fiber<F> {
    pub(super) fn new(future: F) -> Fiber<F> {
        let bell = Bell { rung: Mutex::new(false), changed: Condvar::new(), _leaks: Track::new(()) };
        Fiber { future: Box::pin(future), bell: Arc::new(bell) }
    }

    pub(super) fn poll(&mut self) -> Poll<F::Output> {
        self.future.as_mut().poll(&mut Context::from_waker(&waker(self.bell.clone())))
    }

    pub(super) fn run(mut self) -> F::Output {
        loop {
            if let Poll::Ready(output) = self.poll() {
                return output;
            }
            self.bell.sleep();
        }
    }
}

pub(super) fn run<F: Future>(future: F) -> F::Output {
    Fiber::new(future).run()
}

impl Bell {
    fn sleep(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

impl ArcWake for Bell {
    fn wake_by_ref(this: &Arc<Self>) {
        *this.rung.lock().unwrap() = true;
        this.changed.notify_one();
    }
}
