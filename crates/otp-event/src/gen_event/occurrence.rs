use std::fmt;
use std::sync::Arc;

use otp_core::event::Occurrence;
use otp_core::{ExitReason, Pid};
use tracing::field::display;

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
        /// How its state looked, if it formats it: the text of `format_status`, cut as that of a
        /// [`CrashReport`](otp_core::event::CrashReport).
        state: Option<Arc<str>>,
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
            HandlerEvent::Failed { manager, handler, reason, state } => {
                let state = state.as_ref().map(display);
                tracing::error!(target: "otp::gen_event", %manager, %handler, %reason, state, "an event handler failed");
            }
        }
    }
}

impl fmt::Display for HandlerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandlerEvent::Failed { manager, handler, reason, .. } => {
                write!(f, "handler {handler} of {manager} failed: {reason}")
            }
        }
    }
}
