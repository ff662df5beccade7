use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker, ready};

use futures::{AsyncRead, AsyncWrite};
use otp_core::runtime::net::{BoxReader, BoxStreamSocket, BoxWriter, NetAddr, StreamSocket};

use crate::fault::Fault;

/// A stream with a fault, or a half of one.
pub(crate) struct BadStream<T> {
    /// `None` only while it is dropped.
    good: Option<T>,
    fault: Fault,
    common: Arc<Common>,
}

/// What two halves have in common.
#[derive(Default)]
struct Common {
    waker: Arc<LastWaker>,
    /// Nothing can be read any more.
    is_deaf: AtomicBool,
    /// Nothing can be written any more.
    is_mute: AtomicBool,
}

impl BadStream<BoxStreamSocket> {
    pub(crate) fn boxed(good: BoxStreamSocket, fault: Fault) -> BoxStreamSocket {
        Box::new(BadStream { good: Some(good), fault, common: Arc::default() })
    }
}

impl<T> BadStream<T> {
    fn good(&mut self) -> &mut T {
        self.good.as_mut().expect("not dropped")
    }

    fn waker(&self, waker: &Waker) -> Waker {
        if self.fault == Fault::HalvesShareAWaker { self.common.waker.of(waker) } else { waker.clone() }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for BadStream<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.common.is_deaf.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(0));
        }
        let waker = self.waker(cx.waker());
        let cx = &mut Context::from_waker(&waker);
        let fault = self.fault;
        if fault == Fault::ReadsEarly && !buf.is_empty() {
            // The byte is gone when this poll is the last one of its future.
            let read = ready!(Pin::new(self.good()).poll_read(cx, &mut buf[..1]))?;
            cx.waker().wake_by_ref();
            return if read == 0 { Poll::Ready(Ok(0)) } else { Poll::Pending };
        }
        Pin::new(self.good()).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for BadStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.common.is_mute.load(Ordering::SeqCst) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let waker = self.waker(cx.waker());
        let cx = &mut Context::from_waker(&waker);
        let fault = self.fault;
        let short = if fault == Fault::LosesBytes && buf.len() > 1 { &buf[..buf.len() - 1] } else { buf };
        match Pin::new(self.good()).poll_write(cx, short) {
            Poll::Pending if fault == Fault::BuffersWithoutBound => Poll::Ready(Ok(buf.len())),
            Poll::Ready(Ok(written)) if written == short.len() => Poll::Ready(Ok(buf.len())),
            poll => poll,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.fault {
            Fault::TakesOneBuffer => {
                self.poll_write(cx, bufs.iter().find(|buf| !buf.is_empty()).map_or(&[], |buf| buf))
            }
            _ => Pin::new(self.good()).poll_write_vectored(cx, bufs),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.good()).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.fault {
            Fault::ClosesNothing => return Poll::Ready(Ok(())),
            Fault::ClosesBothDirections => self.common.is_deaf.store(true, Ordering::SeqCst),
            _ => {}
        }
        Pin::new(self.good()).poll_close(cx)
    }
}

impl StreamSocket for BadStream<BoxStreamSocket> {
    fn local(&self) -> io::Result<NetAddr> {
        let good = self.good.as_ref().expect("not dropped");
        let local = good.local()?;
        match (self.fault, local.tcp()) {
            (Fault::MixesUpAddresses, Some(address)) => Ok((address.ip(), address.port() ^ 1).into()),
            _ => Ok(local),
        }
    }

    fn nodelay(&self) -> io::Result<bool> {
        self.good.as_ref().expect("not dropped").nodelay()
    }

    fn set_nodelay(&self, on: bool) -> io::Result<()> {
        match self.fault {
            Fault::IgnoresNodelay => Ok(()),
            _ => self.good.as_ref().expect("not dropped").set_nodelay(on),
        }
    }

    fn split(mut self: Box<Self>) -> (BoxReader, BoxWriter) {
        let (reader, writer) = self.good.take().expect("not dropped").split();
        let (fault, common) = (self.fault, self.common.clone());
        let reader = BadReader(BadStream { good: Some(reader), fault, common: common.clone() });
        (Box::new(reader), Box::new(BadStream { good: Some(writer), fault, common }))
    }
}

impl<T> Drop for BadStream<T> {
    fn drop(&mut self) {
        // A half that is written would close its direction by itself.
        if matches!(self.fault, Fault::LeaksStreams | Fault::ClosesNothing) {
            std::mem::forget(self.good.take());
        }
    }
}

/// The half that reads.
struct BadReader(BadStream<BoxReader>);

impl AsyncRead for BadReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Drop for BadReader {
    fn drop(&mut self) {
        if self.0.fault == Fault::ReadHalfClosesAll {
            self.0.common.is_mute.store(true, Ordering::SeqCst);
        }
    }
}

/// Wakes only the last of those who wait.
#[derive(Default)]
pub(crate) struct LastWaker(Mutex<Option<Waker>>);

impl LastWaker {
    pub(crate) fn of(self: &Arc<Self>, waker: &Waker) -> Waker {
        *self.0.lock().unwrap() = Some(waker.clone());
        Waker::from(self.clone())
    }
}

impl Wake for LastWaker {
    fn wake(self: Arc<Self>) {
        let waker = self.0.lock().unwrap().clone();
        waker.expect("somebody waits").wake();
    }
}
