use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::time::Duration;

use futures::channel::mpsc;
use otp_core::runtime::{Instant, Job, OsSignal, Task};

use crate::config::{Config, Threads};
use crate::faults::Kind;
use crate::life::Life;
use crate::net::{After, Around, Network};
use crate::policy::TaskId;
use crate::recording::Recording;
use crate::state::{Phase, Plan, State, Work};
use crate::trace::Hit;

/// The state that an executor shares with its runtimes, timers and wakers.
///
/// Almost everything happens on one thread, so the lock is free; but any thread may use a runtime.
pub(crate) struct Shared {
    state: Mutex<State>,
    now: AtomicU64,
    /// The nanoseconds by which the wall clock was set forward or, if negative, back.
    wall: AtomicI64,
    /// The hash of all steps so far.
    hash: AtomicU64,
    /// Whether the state has a recording; readable without the lock.
    pub(super) recording: AtomicBool,
    /// Whether messages are held back.
    pub(super) holding: AtomicBool,
    /// Whether messages may be held back.
    pub(super) delays: bool,
    /// Whether timers may be late.
    stretches: bool,
    /// The invariants that are checked after each step.
    pub(crate) invariants: Mutex<Vec<Invariant>>,
    pub(crate) has_invariants: AtomicBool,
    /// Those who listen to signals.
    pub(crate) listeners: Mutex<Vec<mpsc::UnboundedSender<OsSignal>>>,
    /// Wakes the executor if it waits for other threads.
    woken: Condvar,
}

/// A check that returns an error with the reason if it does not hold.
pub(crate) type Invariant = Box<dyn FnMut() -> Result<(), String> + Send>;

thread_local! {
    /// The executor that runs on this thread.
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
    /// The address of `CURRENT`, which is faster to compare.
    static ADDRESS: Cell<usize> = const { Cell::new(0) };
}

/// Marks the thread as the one that runs an executor.
pub(crate) struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        ADDRESS.set(0);
        let left = CURRENT.take();
        drop(left);
    }
}

impl Shared {
    pub(crate) fn new(seed: u64, config: Config, plan: Plan, record: bool) -> Arc<Shared> {
        let lines = config.trace;
        let mut state = State::new(seed, config, plan);
        state.recording = record.then(|| Box::new(Recording::new(seed, lines)));
        Arc::new(Shared {
            delays: state.config.faults.has(Kind::Delay),
            stretches: state.config.faults.has(Kind::Stretch),
            state: Mutex::new(state),
            now: AtomicU64::new(0),
            wall: AtomicI64::new(0),
            // FNV's offset basis.
            hash: AtomicU64::new(0xCBF2_9CE4_8422_2325),
            recording: AtomicBool::new(record),
            holding: AtomicBool::new(false),
            invariants: Mutex::default(),
            has_invariants: AtomicBool::new(false),
            listeners: Mutex::default(),
            woken: Condvar::new(),
        })
    }

    /// The executor that runs on this thread.
    pub(crate) fn current() -> Option<Arc<Shared>> {
        CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // No code of users runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Inside {
        ADDRESS.set(self.address());
        CURRENT.replace(Some(self.clone()));
        Inside
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_nanos(self.now.load(Ordering::Relaxed))
    }

    /// Sets the virtual time. Only the thread of the run calls this.
    pub(crate) fn advance(&self, to: u64) {
        self.now.store(to, Ordering::Relaxed);
    }

    /// How far the wall clock is ahead of the virtual time, or behind it.
    pub(crate) fn wall(&self) -> i64 {
        self.wall.load(Ordering::Relaxed)
    }

    pub(crate) fn jump_wall(&self, nanos: i64) {
        self.wall.store(self.wall().saturating_add(nanos), Ordering::Relaxed);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash.load(Ordering::Relaxed)
    }

    /// Mixes a step into the hash of the run.
    pub(crate) fn mix(&self, value: u64) {
        // As FNV does, a word at a time.
        let hash = (self.hash.load(Ordering::Relaxed) ^ value).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
        self.hash.store(hash, Ordering::Relaxed);
    }

    /// Returns the actual deadline of a timer, which a fault may delay.
    pub(crate) fn stretch(&self, deadline: Instant) -> Instant {
        if !self.stretches {
            return deadline;
        }
        let mut state = self.lock();
        match state.injector.draw(Kind::Stretch) {
            Some(fault) if deadline != Instant::FAR_FUTURE => {
                let late = state.injector.duration(fault);
                if let Some(recording) = &mut state.recording {
                    recording.fault(fault, Hit::Nothing, late);
                }
                deadline + late
            }
            _ => deadline,
        }
    }

    /// Runs `act` on the network, then wakes the affected tasks.
    pub(crate) fn with_net<T>(&self, act: impl FnOnce(&mut Network, &mut Around<'_>) -> T) -> T {
        let mut state = self.lock();
        if !state.is_closed() {
            self.notice(&mut state, "used a socket");
        }
        let (result, after) = self.act_on_net(&mut state, act);
        drop(state);
        after.wake();
        result
    }

    pub(crate) fn act_on_net<T>(
        &self,
        state: &mut State,
        act: impl FnOnce(&mut Network, &mut Around<'_>) -> T,
    ) -> (T, After) {
        let now = self.now().as_nanos();
        let State { net, injector, recording, .. } = state;
        let result = act(net, &mut Around { shared: self, injector, recording: recording.as_deref_mut(), now });
        (result, net.after())
    }

    pub(crate) fn random(&self) -> u64 {
        self.lock().random()
    }

    /// Starts a task of a life; returns it if the executor is gone, the host has crashed, or a fault makes the start fail.
    pub(crate) fn spawn(self: &Arc<Self>, life: &Life, task: Task) -> Option<Task> {
        // Without the lock: this may be the last reference to a process.
        let who = task.process().map(|process| life.process(process.pid()));
        let mut state = self.lock();
        if state.is_closed() || life.is_over() {
            return Some(task);
        }
        self.notice(&mut state, "started a task");
        if let Some(who) = who
            && let Some(fault) = state.injector.draw(Kind::Spawn)
        {
            if let Some(recording) = &mut state.recording {
                recording.fault(fault, Hit::Process(who), Duration::ZERO);
            }
            return Some(task);
        }
        state.add(Work::Task(task), life.number, who, |key, id| self.waker(key, id));
        None
    }

    /// Starts a blocking job of a life; returns it if the executor is gone, or the host has crashed.
    pub(crate) fn spawn_blocking(self: &Arc<Self>, life: &Life, job: Job) -> Option<Job> {
        let mut state = self.lock();
        if state.is_closed() || life.is_over() {
            return Some(job);
        }
        self.notice(&mut state, "started a blocking job");
        state.add(Work::Job(job), life.number, None, |key, id| self.waker(key, id));
        None
    }

    pub(crate) fn waker(self: &Arc<Self>, key: usize, id: TaskId) -> Waker {
        Waker::from(Arc::new(TaskWaker { shared: self.clone(), key, id }))
    }

    /// Wakes the executor if it waits for other threads.
    pub(crate) fn noticed(&self, state: &State) {
        if state.config.threads == Threads::Awaited {
            self.woken.notify_all();
        }
    }

    /// Waits until another thread has done something.
    pub(crate) fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.woken.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the thread is the one that runs this executor.
    pub(crate) fn is_here(&self) -> bool {
        ADDRESS.get() == self.address()
    }

    /// Calls [`notice`](Shared::notice) with the lock.
    pub(crate) fn notice_elsewhere(&self, what: &str) {
        self.notice(&mut self.lock(), what);
    }

    /// Notes an action on the run: by another thread, it makes the run fail, unless the run accepts other threads.
    fn notice(&self, state: &mut State, what: &str) {
        match state.config.threads {
            Threads::Awaited => self.woken.notify_all(),
            Threads::Refused if state.phase == Phase::Running && !self.is_here() => {
                state.intruder.get_or_insert_with(|| {
                    let thread = std::thread::current();
                    format!("the thread {:?} {what}", thread.name().unwrap_or("without a name"))
                });
            }
            Threads::Refused => {}
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
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
        self.shared.notice(&mut state, "woke a task");
        state.wake(self.key, self.id);
    }
}
