use otp_core::{ExitReason, Pid, Term};

use super::name::HandlerId;

/// Why a handler is removed, the argument of [`EventHandler::terminate`](super::EventHandler::terminate).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Removal {
    /// It was deleted or swapped, with this argument: that of the request, or of [`Next::swap`](super::Next::swap).
    Deleted(Term),
    /// A callback of its own asked for it, with [`Next::remove`](super::Next::remove).
    Removed,
    /// A callback of its own panicked or returned an error.
    Crashed(ExitReason),
    /// The owner of this supervised handler has ended.
    OwnerExited(ExitReason),
    /// The manager stops.
    Stop,
}

/// Tells the owner of a supervised handler that the handler has gone; OTP's `gen_event_EXIT` message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HandlerExit {
    /// The manager.
    pub manager: Pid,
    /// The handler.
    pub handler: HandlerId,
    /// Why it has gone.
    pub reason: HandlerExitReason,
}

/// Why a supervised handler has gone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HandlerExitReason {
    /// It was deleted, or has removed itself.
    Normal,
    /// The manager has stopped.
    Shutdown,
    /// One of its callbacks panicked or returned an error; also the `init` of a handler that was to take its place.
    Crashed(ExitReason),
    /// The `init` of the handler that was to take its place decided against it. The owner was told before that it was
    /// swapped.
    Refused(ExitReason),
    /// Another handler has taken its place.
    #[non_exhaustive]
    Swapped {
        /// The new handler.
        to: HandlerId,
        /// The process that is told of its end, if it is supervised.
        owner: Option<Pid>,
    },
}
