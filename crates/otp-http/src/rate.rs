use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use otp_core::runtime::Instant;

/// Counts the requests of a connection against a limit for each second: a token bucket that holds one second's worth.
pub(crate) struct Rate {
    /// The time that one request takes from the bucket.
    each: Duration,
    /// When the bucket will be full again. As far as that lies ahead, as much has been taken.
    full: Mutex<Instant>,
}

const CAPACITY: Duration = Duration::from_secs(1);

impl Rate {
    pub(crate) fn new(per_second: u32) -> Rate {
        // None in a second: more than the bucket ever holds.
        let each = CAPACITY.checked_div(per_second).unwrap_or(2 * CAPACITY);
        Rate { each, full: Mutex::new(Instant::ORIGIN) }
    }

    /// Takes one request; false if there is none left.
    pub(crate) fn take(&self, now: Instant) -> bool {
        let full = &mut *self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (*full).max(now) + self.each;
        let has_one = next - now <= CAPACITY;
        if has_one {
            *full = next;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_no_more_requests_than_its_limit() {
        let rate = Rate::new(4);
        let at = |millis| Instant::ORIGIN + Duration::from_millis(millis);
        let taken =
            [10_000, 10_000, 10_000, 10_000, 10_000, 10_249, 10_250, 10_250].map(|millis| rate.take(at(millis)));
        assert_eq!(taken, [true, true, true, true, false, false, true, false]);
        // A pause does not add up.
        assert_eq!((0..9).filter(|_| rate.take(at(60_000))).count(), 4);
    }

    #[test]
    fn a_limit_of_none_admits_none() {
        assert!(!Rate::new(0).take(Instant::ORIGIN + Duration::from_secs(9)));
    }
}
