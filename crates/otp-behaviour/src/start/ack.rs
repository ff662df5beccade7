use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::{fmt, future};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::task::AtomicWaker;
use otp_core::behaviour::{Awaited, is_about_to_end, not_started};
use otp_core::{ExitReason, Pid, System};

use super::error::StartError;
use crate::contain;

/// Acknowledges the start of a behaviour: reports the outcome of its `init` to the starter, once.
///
/// A process that ends without acknowledgement, by a panic or a signal, has failed with its exit reason.
#[must_use = "the starter waits for it"]
pub struct Ack(Awaited<Told>);

/// What the starter was told, if it was told anything.
#[derive(Default)]
struct Told {
    outcome: Mutex<Option<Result<(), Failed>>>,
    starter: AtomicWaker,
}

/// A failed start. The process waits until the starter drops this, so that the starter can cut its ties before the end.
pub(super) struct Failed {
    pub(super) error: StartError,
    _release: oneshot::Sender<()>,
}

/// Receives the outcome in the starter.
pub(super) struct Outcome(Awaited<Told>);

impl Outcome {
    /// Whether the outcome is there, and the starter may go on.
    pub(super) fn is_there(&self) -> bool {
        self.0.is_settled() && !is_about_to_end()
    }

    /// Waits for the outcome of the start of a process; `None` if it has ended without one.
    pub(super) async fn of(self, system: &System, pid: Pid) -> Option<Result<(), Failed>> {
        future::poll_fn(|cx| {
            let told = self.0.value();
            told.starter.register(cx.waker());
            if self.is_there() {
                return Poll::Ready(told.take());
            }
            self.0.waits(system, pid, cx);
            Poll::Pending
        })
        .await
    }
}

impl Told {
    fn set(&self, outcome: Result<(), Failed>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    fn take(&self) -> Option<Result<(), Failed>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Ack {
    pub(super) fn new() -> (Ack, Outcome) {
        let awaited = Awaited::with(Told::default());
        (Ack(awaited.clone()), Outcome(awaited))
    }

    /// Reports that the behaviour has started; OTP's `proc_lib:init_ack/1`. The starter continues.
    pub fn started(self) {
        // The starter may have given up; then its link or its supervisor ends this process, not this line.
        self.0.value().set(Ok(()));
    }

    /// Reports that the behaviour has not started; OTP's `proc_lib:init_fail/2`. The starter gets the `error`. When it
    /// has cut its ties, the future is ready with the `reason`, and the process has to end with it at once.
    #[must_use = "the process is to wait for it, and then to end"]
    pub fn failed(self, error: StartError, reason: ExitReason) -> impl Future<Output = ExitReason> + Send + use<> {
        not_started();
        let (release, released) = oneshot::channel();
        // If nothing waits, the sender of the release is dropped with this.
        self.0.value().set(Err(Failed { error, _release: release }));
        drop(self);
        // An error: the starter has dropped its end.
        released.map(|_| reason)
    }
}

/// Tells the starter what was set, or that nothing was.
impl Drop for Ack {
    fn drop(&mut self) {
        self.0.settle();
        // The waker may be that of a user's executor.
        let _ = contain(|| self.0.value().starter.wake());
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ack")
    }
}
