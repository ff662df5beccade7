use std::fmt;

use otp_core::event::Occurrence;
use otp_core::{ExitReason, Pid};

use super::name::HandlerId;

/// Reports what event managers notice, to the hooks and subscribers of a system; logged under `otp::gen_event`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HandlerEvent {
    /// A callback of a handler panicked or returned an error. The handler has been removed, or was not added. A panic is
    /// reported as a crash of the manager's process as well, which goes on.
    #[non_exhaustive]
    Failed {
        /// The manager.
        manager: Pid,
        /// The handler.
        handler: HandlerId,
        /// The panic or the error.
        reason: ExitReason,
    },
}

impl Occurrence for HandlerEvent {
    fn pid(&self) -> Option<Pid> {
        match self {
            HandlerEvent::Failed { manager, .. } => Some(*manager),
        }
    }

    fn log(&self) {
        match self {
            HandlerEvent::Failed { manager, handler, reason } => {
                tracing::error!(target: "otp::gen_event", %manager, %handler, %reason, "an event handler failed");
            }
        }
    }
}

impl fmt::Display for HandlerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandlerEvent::Failed { manager, handler, reason } => {
                write!(f, "handler {handler} of {manager} failed: {reason}")
            }
        }
    }
}
