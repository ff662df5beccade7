use std::fmt;

use otp_core::event::Occurrence;
use otp_core::{ExitReason, Label, Pid};
use tracing::field::display;

use crate::end::AppEnd;
use crate::halt::Halt;
use crate::reload::ReloadError;
use crate::start::{StartAppError, StartType};

/// Reports what happens to the applications of a system, to hooks and subscribers; logged under `otp::application`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ApplicationEvent {
    /// An application has started: it runs.
    #[non_exhaustive]
    Started {
        /// The name of the application.
        app: Label,
        /// What its end means.
        start_type: StartType,
        /// Its top supervisor; `None` for a library.
        top: Option<Pid>,
    },
    /// An application did not start.
    StartFailed(StartAppError),
    /// An application was stopped.
    Stopped(AppEnd),
    /// An application has ended by itself.
    #[non_exhaustive]
    Ended {
        /// How it ended.
        end: AppEnd,
        /// What its end means.
        start_type: StartType,
    },
    /// Everything stops.
    Halting(Halt),
    /// The configuration of an application has changed.
    #[non_exhaustive]
    Reconfigured {
        /// The name of the application.
        app: Label,
    },
    /// A changed configuration could not be loaded, or was refused: the old one stays.
    ReloadFailed(ReloadError),
}

impl Occurrence for ApplicationEvent {
    fn pid(&self) -> Option<Pid> {
        match self {
            ApplicationEvent::Started { top, .. } => *top,
            _ => None,
        }
    }

    fn log(&self) {
        match self {
            ApplicationEvent::Started { app, start_type, top } => {
                let top = top.map(display);
                tracing::info!(target: "otp::application", %app, ?start_type, top, "an application has started");
            }
            // A stop on request is no failure; and OTP reports it as information, too.
            ApplicationEvent::StartFailed(StartAppError::Stopped { app }) => {
                tracing::info!(target: "otp::application", %app, "an application was stopped before it had started");
            }
            ApplicationEvent::StartFailed(error) => {
                tracing::error!(target: "otp::application", error = %error.to_string(), "an application did not start");
            }
            ApplicationEvent::Stopped(end) if end.killed.is_empty() => {
                tracing::info!(target: "otp::application", app = %end.app, took = ?end.took, "an application has stopped");
            }
            ApplicationEvent::Stopped(end) => {
                let killed = end.killed.len();
                tracing::warn!(
                    target: "otp::application", app = %end.app, took = ?end.took, killed,
                    "an application had to be killed: it had not stopped in time"
                );
            }
            ApplicationEvent::Ended { end, start_type } => {
                let reason = end.reason.as_ref().map(ToString::to_string);
                tracing::error!(
                    target: "otp::application", app = %end.app, ?start_type, reason, "an application has ended by itself"
                );
            }
            ApplicationEvent::Halting(halt) => {
                tracing::error!(target: "otp::application", cause = %halt.to_string(), "all applications are stopped");
            }
            ApplicationEvent::Reconfigured { app } => {
                tracing::info!(target: "otp::application", %app, "the configuration of an application has changed");
            }
            ApplicationEvent::ReloadFailed(error) => {
                tracing::error!(
                    target: "otp::application", error = %error.to_string(), "a configuration was not changed"
                );
            }
        }
    }
}

impl fmt::Display for ApplicationEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApplicationEvent::Started { app, .. } => write!(f, "the application {app} has started"),
            ApplicationEvent::StartFailed(error) => write!(f, "{error}"),
            ApplicationEvent::Stopped(end) => write!(f, "stopped: {end}"),
            ApplicationEvent::Ended { end, start_type } => {
                let reason = end.reason.clone().unwrap_or(ExitReason::Killed);
                write!(f, "the application {} ({start_type:?}) has ended by itself: {reason}", end.app)
            }
            ApplicationEvent::Halting(halt) => write!(f, "all applications are stopped: {halt}"),
            ApplicationEvent::Reconfigured { app } => write!(f, "the configuration of {app} has changed"),
            ApplicationEvent::ReloadFailed(error) => write!(f, "{error}"),
        }
    }
}
