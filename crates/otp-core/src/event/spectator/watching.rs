use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use super::{CallSeen, Handling, Seen};
use crate::system::System;

/// Sees what all processes of a system do that happens too often to be an [`Event`](super::super::Event): runs, calls, the
/// time that messages wait; and opens the spans in which messages are handled. Set by [`System::spectate`].
///
/// For crates that measure or trace, such as `otp-telemetry`. Each method does nothing by default. They run where things
/// happen, on any thread and under no lock, in the middle of the process's own work: they must not block. A panic in one is
/// caught and logged, and what happens goes on without it. What happens because of a spectator itself, such as a message
/// that it sends, is not shown.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::Duration;
///
/// use otp::event::{Seen, Spectator};
/// use otp::{Message, ProcessContext};
///
/// #[derive(Default)]
/// struct Received(AtomicU64);
///
/// impl Spectator for Received {
///     fn ran(&self, _: &Seen<'_>, received: u64, _: Duration) {
///         self.0.fetch_add(received, Ordering::Relaxed);
///     }
/// }
///
/// let received = Arc::new(Received::default());
/// let _seat = system.spectate(received.clone());
/// let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
///     while ctx.receive().await != Message::User(0) {}
/// });
/// for n in [2, 1, 0] {
///     process.try_send(n).unwrap();
/// }
/// process.exited().await;
/// assert_eq!(received.0.load(Ordering::Relaxed), 3);
/// # }).unwrap();
/// ```
pub trait Spectator: Send + Sync + 'static {
    /// Whether to tell how long the message waits that is sent now: see [`waited`](Spectator::waited). It is asked for each
    /// message, which then needs three more allocations than others.
    fn times(&self) -> bool {
        false
    }

    /// Returns the span that is the cause of what the running code does now: sends a message, sets a timer that sends one,
    /// starts a process. It is shown again when the message is handled or the process starts, wherever that is.
    fn cause(&self) -> Option<Span> {
        None
    }

    /// Opens the span in which a process handles a message, or starts. The span is entered whenever the process runs, until
    /// it has handled the message. The first spectator that returns one decides.
    fn opens(&self, process: &Seen<'_>, handling: &Handling<'_>, cause: Option<&Span>) -> Option<Span> {
        let _ = (process, handling, cause);
        None
    }

    /// A message was received that [was to be timed](Spectator::times), so long after it was sent.
    fn waited(&self, process: &Seen<'_>, time: Duration) {
        let _ = (process, time);
    }

    /// A process has run once, on its executor or on the thread of a caller: has received so many messages and signals, in
    /// that time.
    fn ran(&self, process: &Seen<'_>, received: u64, took: Duration) {
        let _ = (process, received, took);
    }

    /// A call is over.
    fn called(&self, call: &CallSeen<'_>) {
        let _ = call;
    }
}

/// Keeps a spectator in its seat; dropping it removes the spectator.
#[must_use = "dropping it removes the spectator"]
pub struct SpectatorGuard {
    pub(super) system: System,
    pub(super) seat: u64,
}

impl System {
    /// Shows a spectator all that the processes of this system do, from now on until the guard is dropped. A process that
    /// runs at this moment is seen from its next run on.
    ///
    /// As long as there is no spectator, this costs nothing. To seat the first one, and to remove the last, takes a look at
    /// each process: seat it early.
    pub fn spectate(&self, spectator: Arc<dyn Spectator>) -> SpectatorGuard {
        let seat = self.seats().add(spectator, || self.table().set_watched(true));
        SpectatorGuard { system: self.clone(), seat }
    }
}

impl Drop for SpectatorGuard {
    fn drop(&mut self) {
        let system = &self.system;
        system.seats().remove(self.seat, || system.table().set_watched(false));
    }
}

impl fmt::Debug for SpectatorGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpectatorGuard")
    }
}
