use std::fmt;
use std::time::Duration;

use otp_core::{ExitReason, Label, Ref, System};

/// Says how a task ended, for the function that makes a message of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaskEnd<T> {
    /// The id of the task, as its start returned it.
    pub id: TaskId,
    /// The label of the task.
    pub label: Label,
    /// How it ended.
    pub outcome: TaskOutcome<T>,
}

/// How a task ended whose outcome comes as a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskOutcome<T> {
    /// The task computed its value.
    Value(T),
    /// The task ended without a value: it crashed, was ended by a signal, or returned an exit reason. The crash has been
    /// logged.
    Exited(ExitReason),
    /// The task was cancelled, by its owner, while it ran or before.
    Cancelled,
    /// The task took longer than this, its time limit.
    TimedOut(Duration),
}

impl<T> TaskOutcome<T> {
    /// Returns the value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            TaskOutcome::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Identifies a task whose outcome comes as a message, in its system, whether it runs or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(Ref);

impl TaskId {
    pub(crate) fn new(system: &System) -> TaskId {
        TaskId(system.make_ref())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
