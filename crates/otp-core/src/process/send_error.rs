use std::fmt;

use super::target::Target;
use crate::name::WrongType;

/// Why a message could not be sent; it comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError<M> {
    /// The process has ended, or nobody holds the name.
    #[error("cannot send to {to}: no such process")]
    NoProc {
        /// The process, or the name that nobody holds.
        to: Target,
        /// The message.
        message: M,
    },
    /// The holder of the name receives messages of another type.
    #[error("cannot send: {wrong}")]
    WrongType {
        /// Who receives what.
        wrong: WrongType,
        /// The message.
        message: M,
    },
}

impl<M> SendError<M> {
    /// The message.
    pub fn into_message(self) -> M {
        match self {
            SendError::NoProc { message, .. } | SendError::WrongType { message, .. } => message,
        }
    }
}

impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::NoProc { to, .. } => debug("NoProc", to, f),
            SendError::WrongType { wrong, .. } => debug("WrongType", wrong, f),
        }
    }
}

/// Why a message could not be sent at once; it comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<M> {
    /// The process has ended, or nobody holds the name.
    #[error("cannot send to {to}: no such process")]
    NoProc {
        /// The process, or the name that nobody holds.
        to: Target,
        /// The message.
        message: M,
    },
    /// The mailbox is bounded and full.
    #[error("cannot send to {to}: its mailbox is full")]
    Full {
        /// The process.
        to: Target,
        /// The message.
        message: M,
    },
    /// The holder of the name receives messages of another type.
    #[error("cannot send: {wrong}")]
    WrongType {
        /// Who receives what.
        wrong: WrongType,
        /// The message.
        message: M,
    },
}

impl<M> From<SendError<M>> for TrySendError<M> {
    fn from(error: SendError<M>) -> TrySendError<M> {
        match error {
            SendError::NoProc { to, message } => TrySendError::NoProc { to, message },
            SendError::WrongType { wrong, message } => TrySendError::WrongType { wrong, message },
        }
    }
}

impl<M> TrySendError<M> {
    /// The same error with another message.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> TrySendError<N> {
        match self {
            TrySendError::NoProc { to, message } => TrySendError::NoProc { to, message: change(message) },
            TrySendError::Full { to, message } => TrySendError::Full { to, message: change(message) },
            TrySendError::WrongType { wrong, message } => TrySendError::WrongType { wrong, message: change(message) },
        }
    }

    /// The message.
    pub fn into_message(self) -> M {
        match self {
            TrySendError::NoProc { message, .. }
            | TrySendError::Full { message, .. }
            | TrySendError::WrongType { message, .. } => message,
        }
    }
}

impl<M> fmt::Debug for TrySendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrySendError::NoProc { to, .. } => debug("NoProc", to, f),
            TrySendError::Full { to, .. } => debug("Full", to, f),
            TrySendError::WrongType { wrong, .. } => debug("WrongType", wrong, f),
        }
    }
}

/// Without the message, which need not be `Debug`.
fn debug(name: &str, what: &dyn fmt::Debug, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_tuple(name).field(what).finish()
}
