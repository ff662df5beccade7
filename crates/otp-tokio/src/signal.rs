use std::io;
use std::task::Poll;

use futures::stream::poll_fn;
use otp_core::runtime::{OsSignal, OsSignals};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

/// Listens to signals. A listener counts from its making, and so no signal after this is missed.
pub(crate) fn listen(handle: &Handle) -> io::Result<OsSignals> {
    let _context = handle.enter();
    let mut listeners = [
        (OsSignal::Terminate, signal(SignalKind::terminate())?),
        (OsSignal::Interrupt, signal(SignalKind::interrupt())?),
        (OsSignal::Hangup, signal(SignalKind::hangup())?),
    ];
    Ok(OsSignals::new(poll_fn(move |cx| {
        for (kind, listener) in &mut listeners {
            if let Poll::Ready(Some(())) = listener.poll_recv(cx) {
                return Poll::Ready(Some(*kind));
            }
        }
        Poll::Pending
    })))
}
