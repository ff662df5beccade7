//! Connections: a process that reads, and one that writes, for each; and how they come about.

mod accept;
mod dial;
mod io;
mod life;
mod link;
mod outbox;
mod write;

pub(crate) use accept::{InHandshake, serve};
pub(crate) use dial::dial;
pub(crate) use link::{Conn, payload_of};
pub(crate) use outbox::Bounds;
