//! The handshake, version 6, both sides: what is said, without the sockets over which it is said.
//!
//! Each message stands in a frame of its own, whose length has two bytes, or four over TLS. The handshake proves that both
//! know the cookie. It protects neither the names nor the flags, nor anything after it: use TLS beyond the own host.

mod accept;
mod error;
mod initiate;
mod message;

pub use accept::Acceptor;
pub use error::HandshakeError;
pub use initiate::{Initiator, Step};
pub use message::{Introduction, Status};

/// How many bytes a message of the handshake has at most.
pub const MAX_MESSAGE: usize = 1024;
