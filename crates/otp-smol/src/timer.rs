use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant as StdInstant;

use async_io::Timer as IoTimer;
use otp_core::runtime::{Instant, Timer};

/// async-io's timer, which stays ready once it has fired.
pub(crate) struct SmolTimer {
    origin: StdInstant,
    timer: IoTimer,
    expired: bool,
}

impl SmolTimer {
    pub(crate) fn new(origin: StdInstant, deadline: Instant) -> SmolTimer {
        let timer = IoTimer::at(origin + (deadline - Instant::ORIGIN));
        SmolTimer { origin, timer, expired: false }
    }
}

impl Timer for SmolTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let at = self.origin + (deadline - Instant::ORIGIN);
        self.timer.set_at(at);
        self.expired = false;
    }

    fn poll_expired(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.expired {
            std::task::ready!(Pin::new(&mut self.timer).poll(cx));
            self.expired = true;
        }
        Poll::Ready(())
    }
}
