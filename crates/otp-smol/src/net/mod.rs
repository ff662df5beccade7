//! Sockets of async-io, behind the traits of [`otp_core::runtime::net`].

mod listener;
mod sockets;
mod stream;
#[cfg(unix)]
mod unix;

pub(crate) use sockets::SmolSockets;
