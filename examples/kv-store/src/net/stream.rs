use std::io;
use std::net::{self, SocketAddr};

use async_io::Async;

/// A connection to a client. Dropping it closes it.
#[derive(Debug)]
pub struct Stream {
    inner: Inner,
    peer: SocketAddr,
}

#[derive(Debug)]
enum Inner {
    Tokio(tokio::net::TcpStream),
    AsyncIo(Async<net::TcpStream>),
}

impl Stream {
    pub(super) fn tokio(stream: tokio::net::TcpStream, peer: SocketAddr) -> Self {
        // Without it replies only come later: no reason to refuse the client.
        let _ = stream.set_nodelay(true);
        Self { inner: Inner::Tokio(stream), peer }
    }

    pub(super) fn async_io(stream: Async<net::TcpStream>, peer: SocketAddr) -> Self {
        // As above.
        let _ = stream.get_ref().set_nodelay(true);
        Self { inner: Inner::AsyncIo(stream), peer }
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Reads what has arrived, as far as `buf` goes; waits until something has. Zero is the end.
    ///
    /// # Errors
    ///
    /// If the connection is broken.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, nothing was read.
    pub async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Tokio(stream) => tokio::io::AsyncReadExt::read(stream, buf).await,
            Inner::AsyncIo(stream) => futures::AsyncReadExt::read(stream, buf).await,
        }
    }

    /// Writes as much of `buf` as the client has room for; waits until that is more than nothing.
    ///
    /// # Errors
    ///
    /// If the connection is broken.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, nothing was written.
    pub async fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Tokio(stream) => tokio::io::AsyncWriteExt::write(stream, buf).await,
            Inner::AsyncIo(stream) => futures::AsyncWriteExt::write(stream, buf).await,
        }
    }
}
