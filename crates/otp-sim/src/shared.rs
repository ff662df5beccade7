use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use otp_core::runtime::{Instant, Job, Observer, Step, Task};

use crate::config::{Config, Threads};
use crate::policy::TaskId;
use crate::state::{Phase, State, Work};

/// What an executor, its runtime, its timers and its wakers have in common.
///
/// Almost everything happens on one thread, so the lock is free; it is there because a runtime may be used from any.
pub(crate) struct Shared {
    state: Mutex<State>,
    now: AtomicU64,
    /// Everything that happened so far, as one number.
    hash: AtomicU64,
    /// The executor waits here for other threads, if it may.
    woken: Condvar,
}

thread_local! {
    /// The run that the thread is in the middle of, by its address.
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// Marks the thread as the one that runs an executor.
pub(crate) struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        CURRENT.set(0);
    }
}

impl Shared {
    pub(crate) fn new(seed: u64, config: Config) -> Arc<Shared> {
        Arc::new(Shared {
            state: Mutex::new(State::new(seed, config)),
            now: AtomicU64::new(0),
            hash: AtomicU64::new(0xCBF2_9CE4_8422_2325),
            woken: Condvar::new(),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // No code of users runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self) -> Inside {
        CURRENT.set(self.address());
        Inside
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_nanos(self.now.load(Ordering::Relaxed))
    }

    /// Moves the time on. Only the running thread does.
    pub(crate) fn advance(&self, to: u64) {
        self.now.store(to, Ordering::Relaxed);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash.load(Ordering::Relaxed)
    }

    /// Mixes something that happened into the hash of the run. Only the running thread's part counts.
    pub(crate) fn mix(&self, value: u64) {
        // FNV's step, on words.
        let hash = (self.hash.load(Ordering::Relaxed) ^ value).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
        self.hash.store(hash, Ordering::Relaxed);
    }

    /// The deadline that a timer has in truth.
    pub(crate) fn stretch(&self, deadline: Instant) -> Instant {
        deadline
    }

    pub(crate) fn random(&self) -> u64 {
        self.lock().program.next()
    }

    /// Starts a task, unless the executor is gone: then it comes back.
    pub(crate) fn spawn(self: &Arc<Self>, task: Task) -> Option<Task> {
        let mut state = self.lock();
        if state.is_closed() {
            return Some(task);
        }
        self.notice(&mut state, "started a task");
        state.add(Work::Task(task), |key, id| self.waker(key, id));
        None
    }

    /// Takes a blocking job, unless the executor is gone: then it comes back.
    pub(crate) fn spawn_blocking(self: &Arc<Self>, job: Job) -> Option<Job> {
        let mut state = self.lock();
        if state.is_closed() {
            return Some(job);
        }
        self.notice(&mut state, "started a blocking job");
        state.add(Work::Job(job), |key, id| self.waker(key, id));
        None
    }

    pub(crate) fn waker(self: &Arc<Self>, key: usize, id: TaskId) -> Waker {
        Waker::from(Arc::new(TaskWaker { shared: self.clone(), key, id }))
    }

    /// Tells the executor, if it waits for other threads, to look again.
    pub(crate) fn noticed(&self, state: &State) {
        if state.config.threads == Threads::Awaited {
            self.woken.notify_all();
        }
    }

    /// Waits until another thread has done something.
    pub(crate) fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.woken.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes who did something that concerns the run: another thread may not, unless the run is open to threads.
    fn notice(&self, state: &mut State, what: &str) {
        match state.config.threads {
            Threads::Awaited => self.woken.notify_all(),
            Threads::Refused if state.phase == Phase::Running && CURRENT.get() != self.address() => {
                state.intruder.get_or_insert_with(|| {
                    let thread = std::thread::current();
                    format!("the thread {} {what}", thread.name().unwrap_or("without a name"))
                });
            }
            Threads::Refused => {}
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Observer for Shared {
    fn runs_inline(&self) -> bool {
        self.lock().inline.next() & 1 == 0
    }

    fn budget(&self) -> u16 {
        1
    }

    fn note(&self, step: &Step<'_>) {
        let _ = step;
    }
}

struct TaskWaker {
    shared: Arc<Shared>,
    key: usize,
    id: TaskId,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.shared.lock();
        if state.wake(self.key, self.id) {
            self.shared.notice(&mut state, "woke a task");
        }
    }
}
