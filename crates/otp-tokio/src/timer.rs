use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use otp_core::runtime::{Instant, Timer};
use pin_project::pin_project;
use tokio::time::Sleep;

use crate::TokioRuntime;

/// tokio's `Sleep`, with the clock that its deadlines are on.
#[pin_project]
pub(crate) struct TokioTimer {
    runtime: TokioRuntime,
    #[pin]
    sleep: Sleep,
    /// The runtime has shut down, so that the timer will never fire.
    gone: bool,
}

impl TokioTimer {
    pub(crate) fn new(runtime: TokioRuntime, deadline: Instant) -> TokioTimer {
        let sleep = runtime.sleep_until(deadline);
        TokioTimer { runtime, sleep, gone: false }
    }
}

impl Timer for TokioTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        this.sleep.reset(this.runtime.deadline(deadline));
    }

    fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if *this.gone {
            return Poll::Pending;
        }
        // tokio panics when a timer is polled after its runtime has shut down, and offers no way to ask.
        catch_unwind(AssertUnwindSafe(|| this.sleep.poll(cx))).unwrap_or_else(|_| {
            *this.gone = true;
            Poll::Pending
        })
    }
}
