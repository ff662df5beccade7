//! Sockets with a fault.

mod listener;
mod sockets;
mod stream;

pub(crate) use sockets::BadSockets;
