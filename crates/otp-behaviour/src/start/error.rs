use std::fmt;
use std::time::Duration;

use otp_core::behaviour::is_tied;
use otp_core::{Callee, ExitReason, Label, NameError, Pid, Process, System};

/// The error of starting a behaviour, such as a server or a supervisor.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Its `init` returned `Ignore`. Under a supervisor this is not a failure.
    #[error("{0} was not started: its init answered ignore")]
    Ignore(Label),
    /// Another process holds its name.
    #[error("{name} was not started: {pid} holds the name")]
    AlreadyStarted {
        /// The name.
        name: Label,
        /// The process that holds it.
        pid: Pid,
    },
    /// Its `init` took longer than the timeout, and the process was killed.
    #[error("{label} was not started: its init took longer than {limit:?}")]
    Timeout {
        /// The label of the process.
        label: Label,
        /// The timeout.
        limit: Duration,
    },
    /// A start function returned a process that is not linked to its supervisor, so that the supervisor would not notice
    /// its end. The process keeps running.
    #[error("{label} was not started: it is not linked to its supervisor; `start_link` and `spawn_link` link it")]
    NotLinked {
        /// The label of the process.
        label: Label,
        /// Its pid.
        pid: Pid,
    },
    /// Its `init` failed, panicked or stopped it.
    #[error(fmt = not_started)]
    #[non_exhaustive]
    Failed {
        /// What people call the behaviour, if that is known: its name, its label, or its type.
        label: Option<Label>,
        /// Why it did not start.
        reason: ExitReason,
    },
}

impl StartError {
    /// Makes the error of a start that failed with this reason. [`start`](super::start) adds what the behaviour is called.
    pub fn failed(reason: impl Into<ExitReason>) -> StartError {
        StartError::Failed { label: None, reason: reason.into() }
    }

    /// The same error for a behaviour that is called so, unless it says already what the behaviour is called.
    #[must_use]
    pub fn of(self, label: impl Into<Label>) -> StartError {
        match self {
            StartError::Failed { label: None, reason } => StartError::Failed { label: Some(label.into()), reason },
            other => other,
        }
    }

    /// The reason with which the start failed, if it is [`StartError::Failed`].
    pub fn reason(&self) -> Option<&ExitReason> {
        match self {
            StartError::Failed { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Checks that a process that a start function returned is linked to the process that is to be told of its end. One
    /// that has ended passes, linked or not.
    ///
    /// # Errors
    ///
    /// [`StartError::NotLinked`].
    pub fn check_link(parent: &Process, pid: Pid) -> Result<(), StartError> {
        match is_tied(parent, pid) || !parent.system().is_alive(pid) {
            true => Ok(()),
            false => Err(StartError::NotLinked { label: label_of(parent.system(), pid), pid }),
        }
    }

    /// Makes the error for a process that decides not to start, where this is not a failure.
    pub fn ignored(process: &Process) -> StartError {
        StartError::Ignore(label_of(process.system(), process.pid()))
    }
}

fn not_started(label: &Option<Label>, reason: &ExitReason, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(label) = label {
        write!(f, "{label} was ")?;
    }
    write!(f, "not started: {reason}")
}

/// The label of a process.
pub(super) fn label_of(system: &System, pid: Pid) -> Label {
    Callee::of(system, pid).label.unwrap_or_else(|| Label::from(pid.to_string()))
}

/// A reason that is a `StartError` itself, as `?` makes it of one, is that error.
impl From<ExitReason> for StartError {
    fn from(reason: ExitReason) -> StartError {
        let error = match &reason {
            ExitReason::Error(crash) => crash.error().and_then(|error| error.downcast_ref()).cloned(),
            _ => None,
        };
        error.unwrap_or_else(|| StartError::failed(reason))
    }
}

impl From<NameError> for StartError {
    fn from(error: NameError) -> StartError {
        match error {
            NameError::Taken { name, holder } => StartError::AlreadyStarted { name, pid: holder },
            other => StartError::failed(other),
        }
    }
}
