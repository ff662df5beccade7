use std::fmt;

use super::target::Target;
use crate::name::WrongType;

/// The error of sending a message; gives the message back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError<M> {
    /// The process has ended, or no process holds the name.
    #[error("cannot send to {to}: no such process")]
    NoProc {
        /// The process, or the name that no process holds.
        to: Target,
        /// The message.
        message: M,
    },
    /// The holder of the name receives messages of another type.
    #[error("cannot send to {}: it receives {}, not {}", wrong.who(), wrong.receives, wrong.expected)]
    WrongType {
        /// The process, and the two types.
        wrong: WrongType,
        /// The message.
        message: M,
    },
}

impl<M> SendError<M> {
    /// The same error with another message.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> SendError<N> {
        match self {
            SendError::NoProc { to, message } => SendError::NoProc { to, message: change(message) },
            SendError::WrongType { wrong, message } => SendError::WrongType { wrong, message: change(message) },
        }
    }

    /// Returns the message.
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

/// The error of sending a message without waiting; gives the message back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<M> {
    /// The process has ended, or no process holds the name.
    #[error("cannot send to {to}: no such process")]
    NoProc {
        /// The process, or the name that no process holds.
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
    #[error("cannot send to {}: it receives {}, not {}", wrong.who(), wrong.receives, wrong.expected)]
    WrongType {
        /// The process, and the two types.
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
    /// Converts the message in the error.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> TrySendError<N> {
        match self {
            TrySendError::NoProc { to, message } => TrySendError::NoProc { to, message: change(message) },
            TrySendError::Full { to, message } => TrySendError::Full { to, message: change(message) },
            TrySendError::WrongType { wrong, message } => TrySendError::WrongType { wrong, message: change(message) },
        }
    }

    /// Returns the message.
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

/// Formats the error without the message, which need not be `Debug`.
fn debug(name: &str, what: &dyn fmt::Debug, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_tuple(name).field(what).finish()
}
