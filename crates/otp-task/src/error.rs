use std::fmt;
use std::time::Duration;

use otp_core::{ExitReason, Label, Pid};
use otp_supervisor::StartChildError;
use sync_wrapper::SyncWrapper;

/// The error of waiting for a task: there is no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task ended without a value: it crashed, was ended by a signal, or returned an exit reason.
    #[error("the task {label} {pid} ended without a value: {reason}")]
    #[non_exhaustive]
    Exited {
        /// The label of the task.
        label: Label,
        /// Its pid.
        pid: Pid,
        /// Its exit reason.
        reason: ExitReason,
    },
    /// The time was over. The task itself goes on, unless the operation says otherwise.
    #[error("the task {label} {pid} has not ended within {limit:?}")]
    #[non_exhaustive]
    Timeout {
        /// The label of the task.
        label: Label,
        /// Its pid.
        pid: Pid,
        /// The time limit.
        limit: Duration,
    },
    /// Another process than the owner of the task asked for its value.
    #[error("the task {label} {pid} belongs to {owner}; {asker} cannot wait for it")]
    #[non_exhaustive]
    NotOwner {
        /// The label of the task.
        label: Label,
        /// Its pid.
        pid: Pid,
        /// The process that the task belongs to.
        owner: Pid,
        /// The process that asked.
        asker: Pid,
    },
    /// The supervisor of the task did not start it.
    #[error("the task {label} was not started: {error}")]
    #[non_exhaustive]
    NotStarted {
        /// The label of the task.
        label: Label,
        /// Why.
        error: StartChildError,
    },
}

impl TaskError {
    /// Returns the exit reason of the task, if it ended without a value.
    pub fn reason(&self) -> Option<&ExitReason> {
        match self {
            TaskError::Exited { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// The error of a task that its supervisor did not start. It gives the future back.
#[derive(thiserror::Error)]
#[error("the task {label} was not started: {error}")]
#[non_exhaustive]
pub struct NotStarted<F> {
    /// The label of the task.
    pub label: Label,
    /// Why the task was not started.
    pub error: StartChildError,
    future: Option<SyncWrapper<F>>,
}

impl<F> NotStarted<F> {
    pub(crate) fn new(label: Label, error: StartChildError, future: Option<F>) -> NotStarted<F> {
        NotStarted { label, error, future: future.map(SyncWrapper::new) }
    }

    /// Gives the future back, which was not polled; `None` if the supervisor ended while it started the task.
    pub fn into_future(self) -> Option<F> {
        self.future.map(SyncWrapper::into_inner)
    }
}

impl<F> From<NotStarted<F>> for TaskError {
    fn from(refused: NotStarted<F>) -> TaskError {
        TaskError::NotStarted { label: refused.label, error: refused.error }
    }
}

impl<F> fmt::Debug for NotStarted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotStarted").field("label", &self.label).field("error", &self.error).finish_non_exhaustive()
    }
}
