use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};

use super::{BoxReader, BoxStreamSocket, BoxWriter, NetAddr, StreamSocket};
use crate::process::may_block;
use crate::switch::Switches;

/// Reads and writes the bytes of a connection to a peer. Dropping it closes the connection.
///
/// A stream implements [`AsyncRead`] and [`AsyncWrite`], including vectored reads and writes. It has no buffer: a write
/// that is ready has been passed to the operating system, so `flush` has nothing to do. `close` closes the write
/// direction, after all data that was written; the read direction stays open.
///
/// # Cancel safety
///
/// `read` and `write` of [`futures::AsyncReadExt`] and [`futures::AsyncWriteExt`] are cancel safe: if they are dropped
/// before they are ready, nothing was read or written. `read_exact`, `write_all` and others that read or write several
/// times are not: their completed steps are not undone.
#[must_use = "dropping a stream closes it"]
pub struct Stream {
    socket: BoxStreamSocket,
    peer: NetAddr,
    reads: Switches,
    writes: Switches,
}

impl Stream {
    /// Makes a stream from a socket and the address of its peer; for crates that wrap the sockets of a backend, for
    /// example for encryption.
    pub fn new(socket: impl StreamSocket, peer: NetAddr) -> Stream {
        Stream::of(Box::new(socket), peer, &Switches::none())
    }

    pub(super) fn of(socket: BoxStreamSocket, peer: NetAddr, switches: &Switches) -> Stream {
        Stream { socket, peer, reads: switches.clone(), writes: switches.clone() }
    }

    /// The address of the peer: the one that was connected to, or that of the accepted client.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }

    /// Returns the address of this end.
    ///
    /// # Errors
    ///
    /// If the operating system does not report it, as some do not once the connection is broken.
    pub fn local(&self) -> io::Result<NetAddr> {
        self.socket.local()
    }

    /// Returns whether small writes are sent at once; see [`set_nodelay`](Stream::set_nodelay).
    ///
    /// # Errors
    ///
    /// If the operating system does not report it, as some do not once the connection is broken.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.nodelay()
    }

    /// Sets whether small writes are sent at once (`TCP_NODELAY`).
    ///
    /// By default TCP delays a small write until the one before it is acknowledged. Switch this on for protocols with
    /// requests and replies. It has no effect on a Unix socket.
    ///
    /// # Errors
    ///
    /// If the operating system refuses, as some do once the connection is broken.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.socket.set_nodelay(on)
    }

    /// Splits the stream into a read half and a write half, which two processes may own.
    ///
    /// Dropping the write half closes its direction, so that the peer reads the end of the stream; dropping only the
    /// read half does nothing. When both are dropped the connection is closed.
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        let (reader, writer) = self.socket.split();
        let read = ReadHalf { socket: reader, peer: self.peer.clone(), switches: self.reads };
        (read, WriteHalf { socket: writer, peer: self.peer, switches: self.writes, closed: false })
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let Self { socket, reads, .. } = &mut *self;
        reads.before(cx, |cx| Pin::new(socket).poll_read(cx, buf))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, reads, .. } = &mut *self;
        reads.before(cx, |cx| Pin::new(socket).poll_read_vectored(cx, bufs))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Self { socket, writes, .. } = &mut *self;
        writes.before(cx, |cx| Pin::new(socket).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, writes, .. } = &mut *self;
        writes.before(cx, |cx| Pin::new(socket).poll_write_vectored(cx, bufs))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        may_block(Pin::new(&mut *self.socket).poll_flush(cx), cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        may_block(Pin::new(&mut *self.socket).poll_close(cx), cx).map(closed)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({})", self.peer)
    }
}

/// Reads from a [`Stream`]; one of its halves.
///
/// # Cancel safety
///
/// As for [`Stream`].
#[must_use = "dropping both halves closes the stream"]
pub struct ReadHalf {
    socket: BoxReader,
    peer: NetAddr,
    switches: Switches,
}

impl ReadHalf {
    /// The address of the peer.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let Self { socket, switches, .. } = &mut *self;
        switches.before(cx, |cx| Pin::new(socket).poll_read(cx, buf))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, switches, .. } = &mut *self;
        switches.before(cx, |cx| Pin::new(socket).poll_read_vectored(cx, bufs))
    }
}

impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadHalf({})", self.peer)
    }
}

/// Writes to a [`Stream`]; one of its halves. Dropping it closes its direction, so that the peer reads the end of the
/// stream.
///
/// # Cancel safety
///
/// As for [`Stream`].
#[must_use = "dropping the write half ends what the peer reads"]
pub struct WriteHalf {
    socket: BoxWriter,
    peer: NetAddr,
    switches: Switches,
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
        let Self { socket, switches, .. } = &mut *self;
        switches.before(cx, |cx| Pin::new(socket).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, switches, .. } = &mut *self;
        switches.before(cx, |cx| Pin::new(socket).poll_write_vectored(cx, bufs))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        may_block(Pin::new(&mut *self.socket).poll_flush(cx), cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closing = may_block(Pin::new(&mut *self.socket).poll_close(cx), cx).map(closed);
        self.closed |= closing.is_ready();
        closing
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        if !self.closed {
            // A plain socket closes at once. A wrapped socket that would have to wait is closed when both halves are
            // dropped.
            let _ = Pin::new(&mut *self.socket).poll_close(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteHalf({})", self.peer)
    }
}

/// Treats closing a direction whose connection is gone as success, on every executor.
fn closed(closing: io::Result<()>) -> io::Result<()> {
    closing.or_else(|error| if error.kind() == io::ErrorKind::NotConnected { Ok(()) } else { Err(error) })
}
