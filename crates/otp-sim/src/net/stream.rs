use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
use otp_core::runtime::net::{BoxReader, BoxWriter, NetAddr, StreamSocket};

use super::connection::Side;
use crate::shared::Shared;

/// A stream of the simulated network, or one of its halves.
pub(crate) struct SimStream(Arc<Held>);

/// An end of a connection, which is released when the last handle is dropped.
struct Held {
    shared: Arc<Shared>,
    connection: u64,
    side: Side,
}

impl SimStream {
    pub(super) fn new(shared: Arc<Shared>, connection: u64, side: Side) -> SimStream {
        shared.with_net(|net, _| net.held += 1);
        SimStream(Arc::new(Held { shared, connection, side }))
    }
}

impl AsyncRead for SimStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let Held { shared, connection, side } = &*self.0;
        shared.with_net(|net, around| net.poll_read(*connection, *side, cx.waker(), buf, around))
    }
}

impl AsyncWrite for SimStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Held { shared, connection, side } = &*self.0;
        shared.with_net(|net, around| net.poll_write(*connection, *side, cx.waker(), bufs, around))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Held { shared, connection, side } = &*self.0;
        shared.with_net(|net, around| net.close(*connection, *side, around));
        Poll::Ready(Ok(()))
    }
}

impl StreamSocket for SimStream {
    fn local(&self) -> io::Result<NetAddr> {
        let Held { shared, connection, side } = &*self.0;
        let local = shared.with_net(|net, _| net.connections.get(connection).map(|ends| ends[*side].local.clone()));
        local.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn nodelay(&self) -> io::Result<bool> {
        let Held { shared, connection, side } = &*self.0;
        let on = shared.with_net(|net, _| net.connections.get(connection).map(|ends| ends[*side].nodelay));
        on.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn set_nodelay(&self, on: bool) -> io::Result<()> {
        let Held { shared, connection, side } = &*self.0;
        // Only stored: a segment takes its latency, however small it is.
        let set = shared.with_net(|net, _| net.connections.get_mut(connection).map(|ends| ends[*side].nodelay = on));
        set.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn split(self: Box<Self>) -> (BoxReader, BoxWriter) {
        (Box::new(SimStream(self.0.clone())), self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.with_net(|net, around| {
            net.held -= 1;
            net.release(self.connection, self.side, around);
        });
    }
}
