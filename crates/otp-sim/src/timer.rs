use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use otp_core::runtime::{Instant, Timer};

use crate::shared::Shared;
use crate::timers::TimerKey;

/// A timer on virtual time.
pub(crate) struct SimTimer {
    shared: Arc<Shared>,
    deadline: Instant,
    armed: Option<TimerKey>,
}

impl SimTimer {
    pub(crate) fn new(shared: Arc<Shared>, deadline: Instant) -> SimTimer {
        SimTimer { deadline: shared.stretch(deadline), shared, armed: None }
    }

    fn disarm(&mut self) {
        if let Some(key) = self.armed.take() {
            // The waker is dropped after the lock: its drop may run users' code.
            let waker = self.shared.lock().timers.disarm(key);
            drop(waker);
        }
    }
}

impl Timer for SimTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.disarm();
        self.deadline = self.shared.stretch(deadline);
    }

    fn poll_expired(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.shared.now() >= self.deadline {
            self.disarm();
            return Poll::Ready(());
        }
        let shared = self.shared.clone();
        let mut state = shared.lock();
        let (still_armed, stale) = match self.armed {
            Some(key) => state.timers.rearm(key, cx.waker()),
            None => (false, None),
        };
        if !still_armed && !state.is_closed() && self.deadline != Instant::FAR_FUTURE {
            let tie = state.ties.next();
            self.armed = Some(state.timers.arm(self.deadline.as_nanos(), tie, cx.waker().clone()));
            shared.noticed(&state);
        }
        drop(state);
        drop(stale);
        Poll::Pending
    }
}

impl Drop for SimTimer {
    fn drop(&mut self) {
        self.disarm();
    }
}
