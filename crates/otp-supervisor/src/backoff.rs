use std::time::Duration;

/// A pause before a child is started again, which doubles from one restart to the next.
///
/// OTP has none. It counts against the supervisor's intensity as any restart, so an intensity that allows for it is
/// wanted: with pauses of a second, at least the number of seconds in the period.
///
/// ```
/// use otp::supervisor::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
/// let pauses: Vec<u128> = (0..6).map(|restarts| backoff.pause(restarts).as_millis()).collect();
/// assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
}

impl Backoff {
    /// The first pause is `first`; none is longer than `max`. A child that has run for longer than `max` begins anew.
    pub fn new(first: Duration, max: Duration) -> Backoff {
        Backoff { first: first.min(max), max }
    }

    /// The pause after this many restarts in a row.
    pub fn pause(&self, restarts: u32) -> Duration {
        let factor = 1_u128.checked_shl(restarts).unwrap_or(u128::MAX);
        let nanos = self.first.as_nanos().saturating_mul(factor).min(self.max.as_nanos());
        Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
    }

    /// True if a child that has run for `time` begins anew.
    pub(crate) fn forgets_after(&self, time: Duration) -> bool {
        time > self.max
    }
}
