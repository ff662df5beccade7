use super::Status;
use crate::proto::NodeName;

/// Why a handshake fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The peer says something else than a node.
    #[error("the peer sent {0}")]
    Malformed(&'static str),
    /// The peer knows another cookie.
    #[error("{0} has another cookie")]
    Cookie(NodeName),
    /// Another node answers.
    #[error("{wanted} was dialled, and {found} answered")]
    #[non_exhaustive]
    OtherNode {
        /// The node that was dialled.
        wanted: NodeName,
        /// The node that answered.
        found: NodeName,
    },
    /// The peer refuses the connection.
    #[error("{peer} refuses the connection: {}", match status { Status::Nok => "it connects itself", _ => "not allowed" })]
    #[non_exhaustive]
    Refused {
        /// The peer.
        peer: NodeName,
        /// What it said.
        status: Status,
    },
    /// The peer lacks a flag that is needed.
    #[error("{0} is too old, or no node of Erlang")]
    Flags(NodeName),
}
