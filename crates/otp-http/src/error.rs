use otp_core::runtime::net::{ListenError, NetAddr, NoNet};

/// The error of starting an [`Http`](crate::Http) server. The start fails with it as its exit reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartHttpError {
    /// The address is not one.
    #[error("the http server was not started: {0}")]
    Address(String),
    /// The address can be reached from other machines, and that was not [asked for](crate::Http::beyond_loopback).
    #[error(
        "the http server was not started: {0} is not on loopback; Http::beyond_loopback() allows that other machines \
         reach it"
    )]
    NotLoopback(NetAddr),
    /// The runtime has no sockets.
    #[error("the http server was not started")]
    NoNet(#[from] NoNet),
    /// The address cannot be listened on.
    #[error("the http server was not started")]
    Listen(#[from] ListenError),
}
