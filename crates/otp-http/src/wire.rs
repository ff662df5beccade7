use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBufCursor, Write};
use otp_core::System;
use otp_core::runtime::Sleep;
use otp_core::runtime::net::Stream;

/// A stream of the system, as hyper reads and writes it. A write that its client does not read fails after a limit.
pub(crate) struct Wire {
    stream: Stream,
    system: System,
    limit: Duration,
    /// What is read goes through this: hyper's own buffer takes uninitialized memory, which needs unsafe code.
    read: Box<[u8]>,
    /// Runs while a write waits for the client.
    patience: Option<Sleep>,
}

impl Wire {
    pub(crate) fn new(stream: Stream, system: &System, limit: Duration) -> Wire {
        Wire { stream, system: system.clone(), limit, read: vec![0; READ].into(), patience: None }
    }

    /// Polls what writes; it has to get somewhere within the limit.
    fn within_limit<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(written) = write(Pin::new(&mut self.stream), cx) {
            self.patience = None;
            return Poll::Ready(written);
        }
        let patience = self.patience.get_or_insert_with(|| self.system.sleep(self.limit));
        ready!(Pin::new(patience).poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly")))
    }
}

impl Read for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let Wire { stream, read, .. } = &mut *self;
        let room = read.len().min(buf.remaining());
        let read_now = ready!(Pin::new(stream).poll_read(cx, &mut read[..room]))?;
        buf.put_slice(&read[..read_now]);
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.within_limit(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.within_limit(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.within_limit(cx, |stream, cx| stream.poll_close(cx))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.within_limit(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }
}

/// How much is read at once: requests are small.
const READ: usize = 4096;
