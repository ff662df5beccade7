use otp_etf::DecodeError;

/// What a peer does wrong after the handshake: the connection is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A frame, or a message, is larger than allowed.
    #[error("the peer sends {size} bytes, and {limit} are allowed")]
    #[non_exhaustive]
    TooLarge {
        /// The announced size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// A frame begins with something unknown.
    #[error("the peer sends a frame of an unknown kind")]
    UnknownFrame,
    /// The header of a message is wrong.
    #[error("the peer sends a message whose header {0}")]
    Header(&'static str),
    /// Fragments are wrong.
    #[error("the peer sends a fragment {0}")]
    Fragment(&'static str),
    /// A term cannot be decoded.
    #[error("the peer sends what is no term: {0}")]
    Term(#[from] DecodeError),
    /// A control message is unknown, or wrong.
    #[error("the peer sends a control message {0}")]
    Control(&'static str),
}
