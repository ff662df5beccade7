//! Connections: a process that reads, and one that writes, for each; and how they come about.

mod accept;
mod challenge;
mod dial;
mod io;
mod life;
mod link;
mod meter;
mod outbox;
#[cfg(feature = "tls")]
mod tls;
mod unheard;
mod write;

pub(crate) use accept::{InHandshake, serve};
pub(crate) use challenge::{Challenges, secret};
pub(crate) use dial::dial;
pub(crate) use link::{Conn, payload_of};
pub(crate) use outbox::Bounds;
#[cfg(test)]
pub(crate) use outbox::Outbox;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};
pub(crate) use unheard::Waiting;
