use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{BoxTimer, Instant, Runtime};
use crate::process::Foreign;
use crate::switch::Switch;

/// Waits until a deadline; made by [`System::sleep`](crate::System::sleep). Sets a timer at the first poll that has to
/// wait.
#[must_use = "futures do nothing unless awaited"]
pub struct Sleep {
    runtime: Arc<dyn Runtime>,
    deadline: Instant,
    timer: Option<BoxTimer>,
    switch: Switch,
    foreign: Foreign,
}

impl Sleep {
    pub(crate) fn until(runtime: Arc<dyn Runtime>, deadline: Instant) -> Sleep {
        Sleep { runtime, deadline, timer: None, switch: Switch::NONE, foreign: Foreign::default() }
    }

    pub(crate) fn with(self, switch: Switch) -> Sleep {
        Sleep { switch, ..self }
    }

    /// The deadline.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let (runtime, deadline) = (&this.runtime, this.deadline);
        if deadline != Instant::FAR_FUTURE {
            let expired = this.timer.get_or_insert_with(|| runtime.timer(deadline)).as_mut().poll_expired(cx);
            if this.switch.before(&expired, cx).is_ready() {
                return Poll::Ready(());
            }
            if expired.is_ready() {
                return Poll::Pending;
            }
        }
        match deadline {
            Instant::FAR_FUTURE => this.foreign.wait_for_inner(cx).or_leave(),
            _ => this.foreign.wait(cx).or_leave(),
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
