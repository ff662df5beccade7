use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use otp_core::runtime::{BoxTimer, Instant, Runtime, Timer};

use crate::fault::Fault;

/// A timer with a fault.
pub(crate) struct BadTimer {
    /// `None` only while it is dropped.
    good: Option<BoxTimer>,
    runtime: Arc<dyn Runtime>,
    fault: Fault,
    dead: Arc<AtomicBool>,
    /// How many timers the executor had made before.
    nth: u64,
    /// It has fired since the last reset, or ever.
    fired: bool,
    first_waker: Option<Waker>,
}

impl BadTimer {
    pub(crate) fn new(
        runtime: Arc<dyn Runtime>,
        fault: Fault,
        dead: Arc<AtomicBool>,
        nth: u64,
        deadline: Instant,
    ) -> BadTimer {
        let good = runtime.timer(bent(deadline, fault, nth, &*runtime));
        BadTimer { good: Some(good), runtime, fault, dead, nth, fired: false, first_waker: None }
    }

    fn good(&mut self) -> Pin<&mut dyn Timer> {
        self.good.as_mut().expect("not dropped").as_mut()
    }
}

/// The deadline that the fault makes of `deadline`.
fn bent(deadline: Instant, fault: Fault, nth: u64, runtime: &dyn Runtime) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    match fault {
        Fault::FiresEarly => Instant::ORIGIN,
        Fault::FiresOutOfOrder if nth.is_multiple_of(2) => deadline + Duration::from_millis(500),
        Fault::MissesPastDeadlines if deadline <= runtime.now() => Instant::FAR_FUTURE,
        Fault::FiresFarDeadlines if deadline - runtime.now() > 50 * YEAR => Instant::ORIGIN,
        _ => deadline,
    }
}

impl Timer for BadTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let deadline = bent(deadline, self.fault, self.nth, &*self.runtime);
        match self.fault {
            Fault::IgnoresResets => return,
            Fault::FiresOnce if self.fired => return,
            Fault::FiresOnce => {}
            _ => self.fired = false,
        }
        self.good().reset(deadline);
    }

    fn poll_expired(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        assert!(
            self.fault != Fault::TimersPanicOnceDead || !self.dead.load(Ordering::SeqCst),
            "no executor runs any more"
        );
        if self.fault == Fault::ForgetsThatItFired && self.fired {
            return Poll::Pending;
        }
        let waker = match self.fault {
            Fault::KeepsTheFirstWaker => self.first_waker.get_or_insert_with(|| cx.waker().clone()).clone(),
            _ => cx.waker().clone(),
        };
        let poll = self.good().poll_expired(&mut Context::from_waker(&waker));
        self.fired |= poll.is_ready();
        poll
    }
}

impl Drop for BadTimer {
    fn drop(&mut self) {
        if self.fault == Fault::WakesFromDroppedTimers {
            std::mem::forget(self.good.take());
        }
    }
}
