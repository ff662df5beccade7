use std::task::{Context, Poll};

use crate::runtime::{BoxTimer, Instant};

/// The timer of a process, for all waits of its own code that have a time limit.
///
/// It is not cancelled when a wait is over: the next wait usually has a later deadline, and finds a timer that will
/// wake it early enough to set the timer again. A process that makes one call after the other therefore sets its timer
/// once in five seconds, and not twice for each call.
pub(crate) struct Alarm {
    pub(super) timer: BoxTimer,
    /// The time at which it fires; `FAR_FUTURE` once the process has noticed that it fired.
    pub(super) armed: Instant,
}

impl Alarm {
    /// Ready once `deadline` has passed, by the clock `now`.
    pub(super) fn poll(&mut self, deadline: Instant, now: impl Fn() -> Instant, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.armed > deadline {
                self.timer.as_mut().reset(deadline);
                self.armed = deadline;
            }
            if self.timer.as_mut().poll_expired(cx).is_pending() {
                return Poll::Pending;
            }
            let fired = std::mem::replace(&mut self.armed, Instant::FAR_FUTURE);
            if fired == deadline || now() >= deadline {
                return Poll::Ready(());
            }
        }
    }
}
