use std::io;
use std::net;

use async_io::Async;
use otp::System;

use super::Stream;

/// Where clients come in.
#[derive(Debug)]
pub struct Listener {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Tokio(tokio::net::TcpListener),
    AsyncIo(Async<net::TcpListener>),
}

impl Listener {
    /// A listener on the executor of `system`. It listens on a second handle of the socket: clients that come after
    /// this one is dropped wait for the next.
    ///
    /// # Errors
    ///
    /// If the operating system gives no second handle, or the executor does not take it.
    pub fn new(socket: &net::TcpListener, system: &System) -> io::Result<Self> {
        let socket = socket.try_clone()?;
        let inner = if super::is_tokio(system) {
            socket.set_nonblocking(true)?;
            Inner::Tokio(tokio::net::TcpListener::from_std(socket)?)
        } else {
            Inner::AsyncIo(Async::new(socket)?)
        };
        Ok(Self { inner })
    }

    /// Waits for the next client.
    ///
    /// # Errors
    ///
    /// That of one client, which is gone, or that of the whole process, which has no file descriptor left, say: then
    /// the next attempt fails at once, too.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no client is lost.
    pub async fn accept(&self) -> io::Result<Stream> {
        match &self.inner {
            Inner::Tokio(listener) => listener.accept().await.map(|(stream, peer)| Stream::tokio(stream, peer)),
            Inner::AsyncIo(listener) => listener.accept().await.map(|(stream, peer)| Stream::async_io(stream, peer)),
        }
    }
}
