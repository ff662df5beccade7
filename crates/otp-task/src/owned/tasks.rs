use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::{Label, Pid, Process};

use super::set::{self, Set};
use crate::outcome::TaskId;

/// Shows and limits the tasks of one process, and cancels them; made by [`SpawnTask::tasks`](super::SpawnTask::tasks). Cheap
/// to clone.
///
/// By default any number of tasks may run. The limits can be changed at any time: a higher limit starts tasks that wait, a
/// lower one lets those go on that run.
#[derive(Clone)]
pub struct Tasks(Arc<Set>);

impl Tasks {
    pub(super) fn of(owner: &Process) -> Tasks {
        Tasks(Set::of(owner))
    }

    pub(super) fn set(&self) -> &Arc<Set> {
        &self.0
    }

    /// Sets how many tasks may run at a time; `None` removes the limit. With a limit of zero no task starts.
    pub fn set_limit(&self, limit: impl Into<Option<usize>>) {
        self.0.lock().limit = limit.into();
        self.0.advance();
    }

    /// Sets how many tasks may wait, beyond those that run. `None`, which is the default, refuses a task that may not run
    /// at once. Tasks that wait already stay.
    pub fn set_queue(&self, bound: impl Into<Option<usize>>) {
        self.0.lock().queue = bound.into();
    }

    /// How many tasks may run at a time; `None` if any number may.
    pub fn limit(&self) -> Option<usize> {
        self.0.lock().limit
    }

    /// How many tasks run.
    pub fn running(&self) -> usize {
        self.0.lock().running.len()
    }

    /// How many tasks wait.
    pub fn waiting(&self) -> usize {
        self.0.lock().waiting.len()
    }

    /// Lists the tasks: those that run, in the order of their starts, then those that wait, the next one first.
    pub fn list(&self) -> Vec<TaskInfo> {
        let now = self.0.owner.system().now();
        let state = self.0.lock();
        let running = state.running.iter().map(|(id, task)| TaskInfo {
            id: *id,
            label: task.label.clone(),
            state: TaskState::Running(task.pid),
            age: now - task.since,
        });
        let waiting = state.waiting.iter().map(|task| TaskInfo {
            id: task.id,
            label: task.label.clone(),
            state: TaskState::Waiting,
            age: now - task.since,
        });
        running.chain(waiting).collect()
    }

    /// Cancels a task, whether it runs or waits: its future is dropped, and its outcome is
    /// [`TaskOutcome::Cancelled`](crate::TaskOutcome::Cancelled). Returns false if there is no such task (any more).
    ///
    /// A task that runs ends at its next `.await` that waits. If it computes its value before, the outcome is the value.
    pub fn cancel(&self, id: TaskId) -> bool {
        let mut state = self.0.lock();
        if let Some(place) = state.waiting.iter().position(|task| task.id == id) {
            let task = state.waiting.remove(place);
            drop(state);
            drop(task);
            return true;
        }
        let Some(task) = state.running.get(&id) else { return false };
        task.cancelled.store(true, Ordering::Release);
        let pid = task.pid;
        drop(state);
        if let Some(pid) = pid {
            set::end(self.0.owner.system(), pid);
        }
        true
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks")
            .field("owner", &self.0.owner.pid())
            .field("running", &self.running())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// Describes one of the tasks of a process, as part of [`Tasks::list`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The id of the task.
    pub id: TaskId,
    /// Its label.
    pub label: Label,
    /// Whether it runs.
    pub state: TaskState,
    /// For how long it has been running, or waiting.
    pub age: Duration,
}

/// Whether a task runs, as part of [`TaskInfo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// The task runs, in this process; `None` for the moment in which that is started.
    Running(Option<Pid>),
    /// The task waits until others have ended.
    Waiting,
}
