use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use otp_core::runtime::{Instant, Timer};
use pin_project::{pin_project, pinned_drop};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Sleep;

use crate::TokioRuntime;

/// A timer on tokio's clock.
#[pin_project]
pub(crate) struct TokioTimer {
    runtime: TokioRuntime,
    #[pin]
    sleep: Sleeping,
}

#[pin_project(project = SleepingProjected, PinnedDrop)]
enum Sleeping {
    Here(#[pin] Sleep),
    /// On a thread that is ending, in the destructors of its thread-locals, tokio makes no timers: a task has made this
    /// one.
    Elsewhere(JoinHandle<()>),
    /// The runtime has shut down, so that the timer will never fire.
    Never,
}

impl TokioTimer {
    pub(crate) fn new(runtime: TokioRuntime, deadline: Instant) -> TokioTimer {
        let sleep = Sleeping::new(&runtime, deadline);
        TokioTimer { runtime, sleep }
    }
}

impl Sleeping {
    fn new(runtime: &TokioRuntime, deadline: Instant) -> Sleeping {
        let is_ending = Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed());
        if is_ending {
            Sleeping::Elsewhere(runtime.sleep_elsewhere(deadline))
        } else {
            Sleeping::Here(runtime.sleep_until(deadline))
        }
    }
}

impl Timer for TokioTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let mut this = self.project();
        match this.sleep.as_mut().project() {
            SleepingProjected::Here(sleep) => sleep.reset(this.runtime.deadline(deadline)),
            SleepingProjected::Elsewhere(_) => this.sleep.set(Sleeping::new(this.runtime, deadline)),
            SleepingProjected::Never => {}
        }
    }

    fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let expired = match this.sleep.as_mut().project() {
            // tokio panics when a timer is polled after its runtime has shut down, and offers no way to ask.
            SleepingProjected::Here(sleep) => {
                ready!(catch_unwind(AssertUnwindSafe(|| sleep.poll(cx).map(Ok))).unwrap_or(Poll::Ready(Err(()))))
            }
            SleepingProjected::Elsewhere(task) => ready!(Pin::new(task).poll(cx)).map_err(drop),
            SleepingProjected::Never => return Poll::Pending,
        };
        if expired.is_err() {
            this.sleep.set(Sleeping::Never);
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

#[pinned_drop]
impl PinnedDrop for Sleeping {
    fn drop(self: Pin<&mut Self>) {
        if let SleepingProjected::Elsewhere(task) = self.project() {
            task.abort();
        }
    }
}
