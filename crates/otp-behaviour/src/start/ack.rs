use std::{fmt, future};

use futures::FutureExt;
use futures::channel::oneshot;
use otp_core::behaviour::Awaited;
use otp_core::{ExitReason, Pid, System};

use super::error::StartError;

/// Acknowledges the start of a behaviour: reports the outcome of its `init` to the starter, once.
///
/// A process that ends without acknowledgement, by a panic or a signal, has failed with its exit reason.
#[must_use = "the starter waits for it"]
pub struct Ack {
    tell: oneshot::Sender<Result<(), Failed>>,
    awaited: Awaited,
}

/// A failed start. The process waits until the starter drops this, so that the starter can cut its ties before the end.
pub(super) struct Failed {
    pub(super) error: StartError,
    _release: oneshot::Sender<()>,
}

/// Receives the outcome in the starter.
pub(super) struct Outcome {
    told: oneshot::Receiver<Result<(), Failed>>,
    awaited: Awaited,
}

impl Outcome {
    /// Waits for the outcome of the start of a process: an error if it has ended without one.
    pub(super) async fn of(mut self, system: &System, pid: Pid) -> Result<Result<(), Failed>, oneshot::Canceled> {
        future::poll_fn(|cx| {
            let poll = self.told.poll_unpin(cx);
            if poll.is_pending() {
                self.awaited.waits(system, pid, cx);
            }
            poll
        })
        .await
    }
}

impl Ack {
    pub(super) fn new() -> (Ack, Outcome) {
        let (tell, told) = oneshot::channel();
        let awaited = Awaited::default();
        (Ack { tell, awaited: awaited.clone() }, Outcome { told, awaited })
    }

    /// Reports that the behaviour has started; OTP's `proc_lib:init_ack/1`. The starter continues.
    pub fn started(self) {
        // The starter may have given up; then its link or its supervisor ends this process, not this line.
        self.awaited.settle();
        let _ = self.tell.send(Ok(()));
    }

    /// Reports that the behaviour has not started; OTP's `proc_lib:init_fail/2`. The starter gets the `error`. When it
    /// has cut its ties, the future is ready with the `reason`, and the process has to end with it at once.
    #[must_use = "the process is to wait for it, and then to end"]
    pub fn failed(self, error: StartError, reason: ExitReason) -> impl Future<Output = ExitReason> + Send + use<> {
        let (release, released) = oneshot::channel();
        // If nothing waits, the sender of the release is dropped here.
        self.awaited.settle();
        let _ = self.tell.send(Err(Failed { error, _release: release }));
        // An error: the starter has dropped its end.
        released.map(|_| reason)
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ack")
    }
}
