use std::fmt;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{CallError, ExitReason, Label, Pid};

use crate::flags::AutoShutdown;
use crate::policy::Restart;
use crate::spec::ChildSpec;

/// Why child specs, or the options of a supervisor, were refused. No child is started then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Two children have one id.
    #[error("two children have the id {id:?}")]
    DuplicateId {
        /// The id.
        id: Label,
    },
    /// A permanent child never ends for good, so it cannot be significant.
    #[error("the child {id:?} is permanent and cannot be significant")]
    SignificantPermanent {
        /// The child.
        id: Label,
    },
    /// A significant child means nothing to a supervisor that never shuts down by itself.
    #[error("the child {id:?} is significant, but its supervisor never shuts down by itself")]
    SignificantWithoutAutoShutdown {
        /// The child.
        id: Label,
    },
    /// The period of the restart intensity is zero.
    #[error("the period of the restart intensity must be greater than zero")]
    Period,
}

impl SpecError {
    /// The spec error behind a failed start, if that is the cause.
    pub fn behind(error: &StartError) -> Option<&SpecError> {
        match error {
            StartError::Failed(ExitReason::Error(crash)) => crash.error()?.downcast_ref(),
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

/// A child did not start, and so its supervisor did not. Carried by the supervisor's exit reason.
#[derive(Clone, PartialEq, thiserror::Error)]
#[error("failed to start {}: {}", self.path_text(), self.cause())]
#[non_exhaustive]
pub struct FailedToStartChild {
    /// The child's id.
    pub child: Label,
    /// Why it did not start; a supervisor for the same reason, further down.
    pub error: StartError,
}

impl FailedToStartChild {
    /// What is behind a failed start, if it is a child.
    pub fn behind(error: &StartError) -> Option<&FailedToStartChild> {
        match error {
            StartError::Failed(ExitReason::ShutdownWith(term)) => term.downcast_ref(),
            _ => None,
        }
    }

    /// The ids from the supervisor that was started down to the child that failed.
    pub fn path(&self) -> Vec<&Label> {
        std::iter::successors(Some(self), |failed| FailedToStartChild::behind(&failed.error))
            .map(|failed| &failed.child)
            .collect()
    }

    /// Why the child at the end of the path did not start.
    pub fn cause(&self) -> &StartError {
        FailedToStartChild::behind(&self.error).map_or(&self.error, FailedToStartChild::cause)
    }

    fn path_text(&self) -> String {
        self.path().iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" > ")
    }
}

/// As a sentence: an exit reason shows what it carries so, and then the whole path is in the text of a failed start.
impl fmt::Debug for FailedToStartChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a supervisor did not start a new child.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartChildError {
    /// A child with this id is running.
    #[error("the child {id:?} is running already, as {pid}")]
    AlreadyStarted {
        /// The id.
        id: Label,
        /// Its process.
        pid: Pid,
    },
    /// A child with this id is known, and not running.
    #[error("there is a child {id:?} already")]
    AlreadyPresent {
        /// The id.
        id: Label,
    },
    /// The spec is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The child did not start. Nothing of it is kept.
    #[error("the child {id:?} did not start: {error}")]
    Failed {
        /// The id.
        id: Label,
        /// Why.
        error: StartError,
    },
    /// The supervisor has as many children as it may.
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
    /// The process that runs already, if that is why the child was not started: the child with that id, or the holder of
    /// the child's name.
    pub fn already_started(&self) -> Option<Pid> {
        match self {
            StartChildError::AlreadyStarted { pid, .. }
            | StartChildError::Failed { error: StartError::AlreadyStarted { pid, .. }, .. } => Some(*pid),
            _ => None,
        }
    }
}

/// Why a supervisor did not do what it was asked to do with a child.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// It has no such child.
    #[error("there is no child {child}")]
    NotFound {
        /// The id, or the pid, that was given.
        child: Label,
    },
    /// The child is running.
    #[error("the child {id:?} is running")]
    Running {
        /// The id.
        id: Label,
    },
    /// The child waits for its next start.
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
        /// Why.
        error: StartError,
    },
    /// The supervisor did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}
