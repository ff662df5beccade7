use std::task::{Context, Poll};

use crate::runtime::{BoxTimer, Instant};

/// The timer of a process, for all that its own code waits for with a time limit.
///
/// It is not disarmed when a wait is over: the next one mostly has a later deadline, and finds a timer that will wake
/// it early enough to set it anew. So a process that makes one call after the other sets its timer once in five
/// seconds, and not twice in each call.
pub(crate) struct Alarm {
    pub(super) timer: BoxTimer,
    /// When it fires; `FAR_FUTURE` once that has been noticed.
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
