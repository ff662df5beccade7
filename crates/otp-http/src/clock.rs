use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep as HyperSleep, Timer};
use otp_core::System;
use otp_core::runtime::{Instant, Sleep};
use sync_wrapper::SyncWrapper;

/// The timers of a system, as hyper uses them: its instants are those of the standard library.
#[derive(Clone)]
pub(crate) struct Clock {
    system: System,
    /// The same moment on both clocks.
    origin: (StdInstant, Instant),
}

impl Clock {
    pub(crate) fn of(system: &System) -> Clock {
        #[allow(clippy::disallowed_methods, reason = "only an origin: what passes is the time of the system")]
        let origin = (StdInstant::now(), system.now());
        Clock { system: system.clone(), origin }
    }
}

impl Timer for Clock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn HyperSleep>> {
        Box::pin(Shared(SyncWrapper::new(self.system.sleep(duration))))
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn HyperSleep>> {
        let deadline = self.origin.1 + deadline.saturating_duration_since(self.origin.0);
        Box::pin(Shared(SyncWrapper::new(self.system.sleep_until(deadline))))
    }

    fn now(&self) -> StdInstant {
        self.origin.0 + (self.system.now() - self.origin.1)
    }
}

/// A timer that is `Sync`, as hyper requires: only its owner polls it.
struct Shared(SyncWrapper<Sleep>);

impl Future for Shared {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(self.0.get_mut()).poll(cx)
    }
}

impl HyperSleep for Shared {}
