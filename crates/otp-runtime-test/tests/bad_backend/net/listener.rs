use std::fs;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Context;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxListenSocket, BoxStreamSocket, ListenSocket, NetAddr};

use super::stream::{BadStream, LastWaker};
use crate::fault::Fault;

/// A listener with a fault.
pub(crate) struct BadListener {
    /// `None` only while it is dropped.
    good: Option<BoxListenSocket>,
    fault: Fault,
    path: Option<PathBuf>,
    accepted: AtomicU64,
    waker: Arc<LastWaker>,
}

impl BadListener {
    pub(crate) fn boxed(good: BoxListenSocket, fault: Fault, path: Option<PathBuf>) -> BoxListenSocket {
        Box::new(BadListener { good: Some(good), fault, path, accepted: AtomicU64::new(0), waker: Arc::default() })
    }

    fn good(&self) -> &BoxListenSocket {
        self.good.as_ref().expect("not dropped")
    }

    async fn take(&self) -> io::Result<(BoxStreamSocket, NetAddr)> {
        loop {
            let accepted = self.good().accept().await;
            let nth = self.accepted.fetch_add(1, Ordering::SeqCst);
            match self.fault {
                Fault::DropsClientsBeyondFifty if nth >= 50 => {}
                Fault::AcceptsEarly => {
                    otp_core::yield_now().await;
                    return accepted;
                }
                _ => return accepted,
            }
        }
    }
}

impl ListenSocket for BadListener {
    fn local(&self) -> io::Result<NetAddr> {
        let local = self.good().local()?;
        match (self.fault, local.tcp()) {
            (Fault::HidesThePort, Some(address)) => Ok((address.ip(), 0).into()),
            _ => Ok(local),
        }
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        let fault = self.fault;
        let mut take = self.take().boxed();
        let taken = futures::future::poll_fn(move |cx| match fault {
            Fault::WakesOneAcceptor => {
                let waker = self.waker.of(cx.waker());
                Pin::new(&mut take).poll(&mut Context::from_waker(&waker))
            }
            _ => Pin::new(&mut take).poll(cx),
        });
        taken.map(move |taken| taken.map(|(socket, peer)| (BadStream::boxed(socket, fault), peer))).boxed()
    }
}

impl Drop for BadListener {
    fn drop(&mut self) {
        let good = self.good.take();
        match (self.fault, &self.path) {
            (Fault::LeaksListeners, _) => std::mem::forget(good),
            (Fault::LeavesUnixFiles, Some(path)) => {
                drop(good);
                #[cfg(unix)]
                #[allow(clippy::disallowed_types, reason = "it is the backend that is bad")]
                drop(std::os::unix::net::UnixListener::bind(path));
                let _ = path;
            }
            (Fault::RemovesAnyFile, Some(path)) => {
                drop(good);
                let _ = fs::remove_file(path);
            }
            _ => drop(good),
        }
    }
}
