use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_behaviour::contain;
use otp_core::runtime::Instant;
use otp_core::{Belonging, End, ExitReason, Label, Pid, Process, System};

use crate::outcome::TaskId;

/// The tasks of one process. No code of users runs under its lock.
pub(crate) struct Set {
    pub(super) owner: Process,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// How many may run; `None` if any number may.
    pub(super) limit: Option<usize>,
    /// How many may wait beside those; `None` if a task is refused instead.
    pub(super) queue: Option<usize>,
    pub(super) running: BTreeMap<TaskId, Running>,
    pub(super) waiting: VecDeque<Waiting>,
    /// The owner has ended.
    ended: bool,
}

pub(super) struct Running {
    pub(super) label: Label,
    /// `None` for a moment, until its process has been started.
    pub(super) pid: Option<Pid>,
    pub(super) since: Instant,
    pub(super) cancelled: Arc<AtomicBool>,
}

pub(super) struct Waiting {
    pub(super) id: TaskId,
    pub(super) label: Label,
    pub(super) since: Instant,
    pub(super) cancelled: Arc<AtomicBool>,
    /// Starts it; dropping this cancels it.
    pub(super) start: Box<dyn FnOnce() -> Pid + Send>,
}

/// What becomes of a task that is to start.
pub(super) enum Admission {
    Run,
    Wait,
    Refuse { limit: usize, running: usize, waiting: usize },
}

/// A task's place among the tasks of its owner.
pub(crate) struct Member(pub(super) Arc<Set>);

/// The tasks of each process that has had any, in one system.
#[derive(Default)]
struct Sets(Mutex<HashMap<Pid, Arc<Set>>>);

/// Ends the tasks of an owner with it.
struct EndTasks(Arc<Set>);

impl Set {
    /// The tasks of a process.
    pub(super) fn of(owner: &Process) -> Arc<Set> {
        let sets = owner.system().slot::<Sets>();
        if let Some(set) = lock(&sets.0).get(&owner.pid()) {
            return set.clone();
        }
        let fresh = Arc::new(Set { owner: owner.clone(), state: Mutex::default() });
        let set = lock(&sets.0).entry(owner.pid()).or_insert_with(|| fresh.clone()).clone();
        if Arc::ptr_eq(&set, &fresh) {
            owner.keep(EndTasks(fresh));
        }
        set
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Decides on a new task. One that may run counts from now on.
    pub(super) fn admit(&self, id: TaskId, label: &Label, cancelled: &Arc<AtomicBool>) -> Admission {
        let since = self.owner.system().now();
        let mut state = self.lock();
        let (running, waiting) = (state.running.len(), state.waiting.len());
        if waiting == 0 && state.has_room() {
            let task = Running { label: label.clone(), pid: None, since, cancelled: cancelled.clone() };
            state.running.insert(id, task);
            return Admission::Run;
        }
        match state.queue {
            Some(bound) if waiting < bound => Admission::Wait,
            _ => Admission::Refuse { limit: state.limit.unwrap_or(usize::MAX), running, waiting },
        }
    }

    /// Notes the process of a task that runs; ends it, if that was decided meanwhile.
    pub(super) fn started(&self, id: TaskId, pid: Pid) {
        let mut state = self.lock();
        let ended = state.ended;
        let cancelled = state.running.get_mut(&id).is_some_and(|task| {
            task.pid = Some(pid);
            task.cancelled.load(Ordering::Acquire)
        });
        drop(state);
        if ended || cancelled {
            end(self.owner.system(), pid);
        }
    }

    /// Appends a task to those that wait.
    pub(super) fn wait(&self, task: Waiting) {
        let mut state = self.lock();
        if state.ended {
            drop(state);
            return drop(task);
        }
        state.waiting.push_back(task);
        drop(state);
        self.advance();
    }

    /// Starts tasks that wait, as many as there is room for.
    pub(super) fn advance(&self) {
        let now = self.owner.system().now();
        loop {
            let mut state = self.lock();
            if state.ended || !state.has_room() {
                return;
            }
            let Some(Waiting { id, label, cancelled, start, .. }) = state.waiting.pop_front() else { return };
            state.running.insert(id, Running { label, pid: None, since: now, cancelled });
            drop(state);
            self.started(id, start());
        }
    }
}

impl State {
    fn has_room(&self) -> bool {
        self.limit.is_none_or(|limit| self.running.len() < limit)
    }
}

impl Member {
    /// Leaves the tasks of the owner, whose next one may start; true if the owner has ended.
    pub(crate) fn leave(self, id: TaskId) -> bool {
        let mut state = self.0.lock();
        state.running.remove(&id);
        let ended = state.ended;
        drop(state);
        self.0.advance();
        ended
    }
}

impl Belonging for EndTasks {
    fn owner_ended(self: Box<Self>, end_of: &End<'_>) {
        let set = self.0;
        lock(&end_of.system.slot::<Sets>().0).remove(&end_of.pid);
        let (running, waiting) = {
            let mut state = set.lock();
            state.ended = true;
            (std::mem::take(&mut state.running), std::mem::take(&mut state.waiting))
        };
        running.values().filter_map(|task| task.pid).for_each(|pid| end(end_of.system, pid));
        for task in waiting {
            // The futures of users. A panic in the drop of one must not keep the others; the panic hook has reported it.
            drop(contain(|| drop(task)));
        }
    }
}

/// Ends a task: quietly, unless it traps exits.
pub(super) fn end(system: &System, pid: Pid) {
    system.exit(pid, ExitReason::Shutdown);
    system.exit(pid, ExitReason::Kill);
}

/// No code of users runs under these locks, so that none is poisoned with half a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
