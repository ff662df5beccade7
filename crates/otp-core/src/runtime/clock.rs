use std::time::{Duration, SystemTime};

use super::{Instant, Sleep};
use crate::switch::Switch;
use crate::system::System;

impl System {
    /// Returns the current time on the runtime's monotonic clock.
    #[inline]
    pub fn now(&self) -> Instant {
        self.runtime().now()
    }

    /// Returns the current time on the runtime's wall clock, which may be set forward and back: for dates. Use
    /// [`now`](System::now) to measure durations.
    pub fn system_time(&self) -> SystemTime {
        self.runtime().system_time()
    }

    /// Returns a random number from the runtime.
    pub fn random(&self) -> u64 {
        self.runtime().random()
    }

    /// Waits for `duration`. On tokio it is rounded up to a millisecond.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Waits until `deadline`.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(self.runtime().clone(), deadline).with(Switch::of(self))
    }
}
