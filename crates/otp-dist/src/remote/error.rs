use std::time::Duration;

use otp_core::ExitReason;
use otp_etf::{DeserializeError, SerializeError};

/// The error of sending to a process of another node.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteSendError {
    /// The message has no encoding.
    #[error("a message to {to} cannot be encoded: {source}")]
    #[non_exhaustive]
    Encode {
        /// The receiver.
        to: String,
        /// Why.
        source: SerializeError,
    },
    /// The node is not connected, and is not to be, because the program has never asked for it; or the sender has waited for
    /// the connection, and there is none.
    #[error("no connection to the node of {to}")]
    #[non_exhaustive]
    NoConnection {
        /// The receiver.
        to: String,
    },
}

/// The error of calling a server of another node.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteCallError {
    /// The request has no encoding.
    #[error("a request to {to} cannot be encoded: {source}")]
    #[non_exhaustive]
    Encode {
        /// The server.
        to: String,
        /// Why.
        source: SerializeError,
    },
    /// The server does not exist, has ended, or cannot be reached.
    #[error("{to} has ended: {reason}")]
    #[non_exhaustive]
    Exited {
        /// The server.
        to: String,
        /// `NoProc` if it does not exist, `NoConnection` if its node cannot be reached, or its exit reason.
        reason: ExitReason,
    },
    /// There was no answer in time. One that comes later is dropped.
    #[error("{to} has not answered within {limit:?}")]
    #[non_exhaustive]
    Timeout {
        /// The server.
        to: String,
        /// The limit.
        limit: Duration,
    },
    /// The answer is not of the expected type.
    #[error("{to} has answered something else: {source}")]
    #[non_exhaustive]
    Answer {
        /// The server.
        to: String,
        /// Why.
        source: DeserializeError,
    },
}
