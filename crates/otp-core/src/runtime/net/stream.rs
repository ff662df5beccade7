use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};

use super::{BoxReader, BoxStreamSocket, BoxWriter, NetAddr, StreamSocket};

/// A connection to a peer, which reads and writes bytes. Dropping it closes it.
///
/// It implements [`AsyncRead`] and [`AsyncWrite`], also for several buffers at once. Nothing is kept back: a write is
/// with the operating system when it is ready, so `flush` has nothing to do. `close` closes the direction that is
/// written, after all that was written; the other one goes on.
///
/// # Cancel safety
///
/// `read` and `write` of [`futures::AsyncReadExt`] and [`futures::AsyncWriteExt`] are cancel safe: if they are dropped
/// before they are ready, nothing was read or written. `read_exact`, `write_all` and others that do so several times
/// are not: what they did so far is done.
#[must_use = "dropping a stream closes it"]
pub struct Stream {
    socket: BoxStreamSocket,
    peer: NetAddr,
}

impl Stream {
    /// A stream over a socket, to this peer; for whoever wraps the sockets of a backend, to encrypt what is sent, say.
    pub fn new(socket: impl StreamSocket, peer: NetAddr) -> Stream {
        Stream::of(Box::new(socket), peer)
    }

    pub(super) fn of(socket: BoxStreamSocket, peer: NetAddr) -> Stream {
        Stream { socket, peer }
    }

    /// The address of the peer: the one that was connected to, or that of the client that was accepted.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// If the operating system does not tell, as some do not once the connection is broken.
    pub fn local(&self) -> io::Result<NetAddr> {
        self.socket.local()
    }

    /// Whether small writes are sent at once: [`set_nodelay`](Stream::set_nodelay).
    ///
    /// # Errors
    ///
    /// If the operating system does not tell, as some do not once the connection is broken.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.nodelay()
    }

    /// Has small writes sent at once, or not (`TCP_NODELAY`).
    ///
    /// TCP holds a small write back until the one before it is acknowledged, unless this is on. For requests and
    /// replies it should be. On a Unix socket it does nothing.
    ///
    /// # Errors
    ///
    /// If the operating system refuses, as some do once the connection is broken.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.socket.set_nodelay(on)
    }

    /// Parts the stream into a half to read and a half to write, which two processes may own.
    ///
    /// Dropping the write half closes its direction, so that the peer reads the end of the stream; dropping the read
    /// half alone does nothing. When both are dropped the connection is closed.
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        let (reader, writer) = self.socket.split();
        let read = ReadHalf { socket: reader, peer: self.peer.clone() };
        (read, WriteHalf { socket: writer, peer: self.peer, closed: false })
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_read_vectored(cx, bufs)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_close(cx).map(closed)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({})", self.peer)
    }
}

/// The half of a [`Stream`] that reads.
///
/// # Cancel safety
///
/// As the stream's.
#[must_use = "dropping both halves closes the stream"]
pub struct ReadHalf {
    socket: BoxReader,
    peer: NetAddr,
}

impl ReadHalf {
    /// The address of the peer.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_read_vectored(cx, bufs)
    }
}

impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadHalf({})", self.peer)
    }
}

/// The half of a [`Stream`] that writes. Dropping it closes its direction.
///
/// # Cancel safety
///
/// As the stream's.
#[must_use = "dropping the write half ends what the peer reads"]
pub struct WriteHalf {
    socket: BoxWriter,
    peer: NetAddr,
    closed: bool,
}

impl WriteHalf {
    /// The address of the peer.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closing = Pin::new(&mut *self.socket).poll_close(cx).map(closed);
        self.closed |= closing.is_ready();
        closing
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        if !self.closed {
            // A socket closes at once. One that is wrapped, and would have to wait, is closed when both halves are gone.
            let _ = Pin::new(&mut *self.socket).poll_close(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteHalf({})", self.peer)
    }
}

/// What has become of a direction that was closed: one whose connection is gone is closed, too, on every executor.
fn closed(closing: io::Result<()>) -> io::Result<()> {
    closing.or_else(|error| if error.kind() == io::ErrorKind::NotConnected { Ok(()) } else { Err(error) })
}
