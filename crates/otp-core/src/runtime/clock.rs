use std::time::{Duration, SystemTime};

use super::{Instant, Sleep};
use crate::system::System;

impl System {
    /// The time now on the runtime's clock.
    #[inline]
    pub fn now(&self) -> Instant {
        self.runtime().now()
    }

    /// The wall clock of the runtime, which may be set forward and back: for dates. Durations are measured with
    /// [`now`](System::now).
    pub fn system_time(&self) -> SystemTime {
        self.runtime().system_time()
    }

    /// A random number from the runtime.
    pub fn random(&self) -> u64 {
        self.runtime().random()
    }

    /// Waits for `duration`. On tokio it is rounded up to a millisecond.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Waits until `deadline`.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(self.runtime().clone(), deadline)
    }
}
