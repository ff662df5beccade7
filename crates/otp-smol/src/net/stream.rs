use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_io::Async;
use futures::{AsyncRead, AsyncWrite};
use otp_core::runtime::net::{BoxReader, BoxStreamSocket, BoxWriter, NetAddr, StreamSocket};

/// A connected socket of async-io, or one of its directions: it remembers one task that reads and one that writes.
pub(crate) struct SmolStream<T>(Arc<Async<T>>);

impl<T: Socket> SmolStream<T>
where
    for<'a> &'a T: Read + Write,
{
    pub(crate) fn boxed(socket: Async<T>) -> BoxStreamSocket {
        Box::new(SmolStream(Arc::new(socket)))
    }
}

impl<T> AsyncRead for SmolStream<T>
where
    for<'a> &'a T: Read,
{
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.0).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.0).poll_read_vectored(cx, bufs)
    }
}

impl<T: Socket> AsyncWrite for SmolStream<T>
where
    for<'a> &'a T: Write,
{
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.0).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The method of async-io does not close the direction.
        Poll::Ready(self.0.get_ref().shut_down_write())
    }
}

impl<T: Socket> StreamSocket for SmolStream<T>
where
    for<'a> &'a T: Read + Write,
{
    fn local(&self) -> io::Result<NetAddr> {
        self.0.get_ref().local()
    }

    fn nodelay(&self) -> io::Result<bool> {
        self.0.get_ref().delays_nothing()
    }

    fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.0.get_ref().delay_nothing(on)
    }

    fn split(self: Box<Self>) -> (BoxReader, BoxWriter) {
        (Box::new(SmolStream(self.0.clone())), self)
    }
}

/// The stream types of the standard library.
pub(crate) trait Socket: Send + Sync + 'static {
    fn shut_down_write(&self) -> io::Result<()>;
    fn local(&self) -> io::Result<NetAddr>;
    fn delays_nothing(&self) -> io::Result<bool>;
    fn delay_nothing(&self, on: bool) -> io::Result<()>;
}

impl Socket for TcpStream {
    fn shut_down_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn local(&self) -> io::Result<NetAddr> {
        self.local_addr().map(NetAddr::Tcp)
    }

    fn delays_nothing(&self) -> io::Result<bool> {
        self.nodelay()
    }

    fn delay_nothing(&self, on: bool) -> io::Result<()> {
        self.set_nodelay(on)
    }
}
