use otp_core::{CallError, Callee, ExitReason, Target};

use super::name::HandlerId;

/// The error of adding a handler, and of swapping one for another.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddHandlerError {
    /// The request failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The `init` of the handler decided against it.
    #[error("handler {handler} was not added: {reason}")]
    Refused {
        /// The handler.
        handler: HandlerId,
        /// Its reason.
        reason: ExitReason,
    },
    /// The `init` of the handler panicked or returned an error.
    #[error("handler {handler} was not added: its init failed: {reason}")]
    Crashed {
        /// The handler.
        handler: HandlerId,
        /// The panic or the error.
        reason: ExitReason,
    },
    /// The process that was to be its owner has ended, or receives messages of another type.
    #[error("handler {handler} was not added: its owner, {owner}, is not there")]
    NoOwner {
        /// The handler.
        handler: HandlerId,
        /// The process.
        owner: Target,
    },
}

/// The error of deleting a handler.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteHandlerError {
    /// The request failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The manager has no such handler.
    #[error("{manager} has no handler {handler}")]
    NotFound {
        /// The manager.
        manager: Callee,
        /// The handler.
        handler: HandlerId,
    },
    /// Its `terminate` panicked or returned an error; the handler is gone.
    #[error("handler {handler} failed in terminate: {reason}")]
    Crashed {
        /// The handler.
        handler: HandlerId,
        /// The panic or the error.
        reason: ExitReason,
    },
}

/// The error of a call to a handler.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallHandlerError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The manager has no such handler.
    #[error("call to handler {handler} failed: {manager} has no such handler")]
    NotFound {
        /// The manager.
        manager: Callee,
        /// The handler.
        handler: HandlerId,
    },
    /// The handler panicked or returned an error, and was removed.
    #[error("call to handler {handler} failed: it was removed, because it failed: {reason}")]
    Crashed {
        /// The handler.
        handler: HandlerId,
        /// The panic or the error.
        reason: ExitReason,
    },
}
