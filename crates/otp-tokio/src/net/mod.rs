//! tokio's sockets, behind the traits of [`otp_core::runtime::net`].

mod io;
mod listener;
mod sockets;
#[cfg(unix)]
mod unix;
mod within;

pub(crate) use sockets::TokioSockets;
