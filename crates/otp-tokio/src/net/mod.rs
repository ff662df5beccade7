//! tokio's sockets, behind the traits of [`otp_core::runtime::net`].

mod in_runtime;
mod io;
mod listener;
mod sockets;
#[cfg(unix)]
mod unix;

pub(crate) use sockets::TokioSockets;
