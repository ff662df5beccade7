use std::io;
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

    /// Returns a random number from the runtime. It is fast, and may be guessed: secrets are made of
    /// [`secure_random`](System::secure_random).
    pub fn random(&self) -> u64 {
        self.runtime().random()
    }

    /// Fills `bytes` with random numbers that nobody can guess, for keys, tokens and challenges. May block for a moment when
    /// the machine has just started. In a simulation they depend on the seed.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the backend has none, and the errors of the operating system. `bytes`
    /// must not be used then.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// let (mut one, mut other) = ([0; 16], [0; 16]);
    /// system.secure_random(&mut one).unwrap();
    /// system.secure_random(&mut other).unwrap();
    /// assert_ne!(one, other);
    /// # }).unwrap();
    /// ```
    pub fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.runtime().secure_random(bytes)
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
