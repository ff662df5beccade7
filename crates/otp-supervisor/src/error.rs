use std::fmt;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{CallError, ExitReason, Label, Pid};

use crate::flags::AutoShutdown;
use crate::policy::Restart;
use crate::spec::ChildSpec;

/// The error of invalid child specs, or invalid options of a supervisor. No child is started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Two children have the same id.
    #[error("two children have the id {id:?}")]
    DuplicateId {
        /// The id.
        id: Label,
    },
    /// A permanent child never ends for good, so it cannot be significant.
    #[error("the child {id:?} is permanent and cannot be significant")]
    SignificantPermanent {
        /// The child's id.
        id: Label,
    },
    /// A significant child has no effect in a supervisor that never shuts down automatically.
    #[error("the child {id:?} is significant, but its supervisor never shuts down by itself")]
    SignificantWithoutAutoShutdown {
        /// The child's id.
        id: Label,
    },
    /// The period of the restart intensity is zero.
    #[error("the period of the restart intensity must be greater than zero")]
    Period,
}

impl SpecError {
    /// Returns the spec error that caused a failed start, if there is one.
    pub fn behind(error: &StartError) -> Option<&SpecError> {
        match error.reason()? {
            ExitReason::Error(crash) => crash.error()?.downcast_ref(),
            _ => None,
        }
    }
}

/// Checks child specs as a supervisor with this setting does when it starts; OTP's `check_childspecs/2`.
///
/// # Errors
///
/// The first [`SpecError`] in the order of the specs.
pub fn check_childspecs(specs: &[ChildSpec], auto_shutdown: AutoShutdown) -> Result<(), SpecError> {
    let mut seen = std::collections::HashSet::new();
    for spec in specs {
        check_childspec(spec, auto_shutdown)?;
        if !seen.insert(spec.id()) {
            return Err(SpecError::DuplicateId { id: spec.id().clone() });
        }
    }
    Ok(())
}

pub(crate) fn check_childspec(spec: &ChildSpec, auto_shutdown: AutoShutdown) -> Result<(), SpecError> {
    let id = || spec.id().clone();
    if !spec.is_significant() {
        return Ok(());
    }
    if auto_shutdown == AutoShutdown::Never {
        return Err(SpecError::SignificantWithoutAutoShutdown { id: id() });
    }
    if spec.restart_type() == Restart::Permanent {
        return Err(SpecError::SignificantPermanent { id: id() });
    }
    Ok(())
}

pub(crate) fn check_period(period: Duration) -> Result<(), SpecError> {
    if period.is_zero() { Err(SpecError::Period) } else { Ok(()) }
}

/// The error of a supervisor that did not start because a child did not start; contained in the supervisor's exit
/// reason.
#[derive(Clone, PartialEq, thiserror::Error)]
#[error("failed to start {}: {}", self.path_text(), self.cause())]
#[non_exhaustive]
pub struct FailedToStartChild {
    /// The child's id.
    pub child: Label,
    /// Why the child did not start; for a supervisor, the failure of its child.
    pub error: StartError,
}

impl FailedToStartChild {
    /// Returns the failed child that caused a failed start, if there is one.
    pub fn behind(error: &StartError) -> Option<&FailedToStartChild> {
        match error.reason()? {
            ExitReason::ShutdownWith(term) => term.downcast_ref(),
            _ => None,
        }
    }

    /// Returns the ids from the started supervisor down to the child that failed.
    pub fn path(&self) -> Vec<&Label> {
        std::iter::successors(Some(self), |failed| FailedToStartChild::behind(&failed.error))
            .map(|failed| &failed.child)
            .collect()
    }

    /// Returns the error of the child at the end of the path.
    pub fn cause(&self) -> &StartError {
        FailedToStartChild::behind(&self.error).map_or(&self.error, FailedToStartChild::cause)
    }

    fn path_text(&self) -> String {
        self.path().iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" > ")
    }
}

/// Formats a sentence, so that the text of a failed start contains the whole path: an exit reason shows its value with
/// `Debug`.
impl fmt::Debug for FailedToStartChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of starting a new child.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartChildError {
    /// A child with this id is running.
    #[error("the child {id:?} is running already, as {pid}")]
    AlreadyStarted {
        /// The id.
        id: Label,
        /// The pid of the running child.
        pid: Pid,
    },
    /// The supervisor has a child with this id, which is not running.
    #[error("there is a child {id:?} already")]
    AlreadyPresent {
        /// The id.
        id: Label,
    },
    /// The spec is invalid.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The child did not start. The supervisor does not keep its spec.
    #[error("the child {id:?} did not start: {error}")]
    Failed {
        /// The id.
        id: Label,
        /// Why the child did not start.
        error: StartError,
    },
    /// The supervisor already has the maximum number of children.
    #[error("the supervisor has {limit} children already, and may not have more")]
    MaxChildren {
        /// The limit.
        limit: usize,
    },
    /// The supervisor did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl StartChildError {
    /// Returns the pid of the running process that prevented the start: the child with that id, or the holder of the
    /// child's name.
    pub fn already_started(&self) -> Option<Pid> {
        match self {
            StartChildError::AlreadyStarted { pid, .. }
            | StartChildError::Failed { error: StartError::AlreadyStarted { pid, .. }, .. } => Some(*pid),
            _ => None,
        }
    }
}

/// The error of a request about a child.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// The supervisor has no such child.
    #[error("there is no child {child}")]
    NotFound {
        /// The requested id or pid.
        child: Label,
    },
    /// The child is running.
    #[error("the child {id:?} is running")]
    Running {
        /// The id.
        id: Label,
    },
    /// The child waits for its restart.
    #[error("the child {id:?} is about to be started again")]
    Restarting {
        /// The id.
        id: Label,
    },
    /// The child did not start; it stays stopped.
    #[error("the child {id:?} did not start: {error}")]
    Failed {
        /// The id.
        id: Label,
        /// Why the child did not start.
        error: StartError,
    },
    /// The supervisor did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}
