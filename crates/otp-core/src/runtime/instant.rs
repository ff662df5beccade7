use std::ops::{Add, Sub};
use std::time::Duration;

/// A point in time on a runtime's clock, in nanoseconds from an origin that the runtime chooses.
///
/// This is not `std::time::Instant`, because a simulated runtime has its own time, and so that no code can read another
/// clock by mistake. Arithmetic saturates: a deadline that is too far away becomes [`FAR_FUTURE`](Instant::FAR_FUTURE)
/// (584 years after the origin), which is never reached.
///
/// ```
/// use otp::runtime::Instant;
/// use std::time::Duration;
///
/// let start = Instant::from_nanos(1_000);
/// assert_eq!(start + Duration::from_nanos(500) - start, Duration::from_nanos(500));
/// assert_eq!(start - (start + Duration::from_secs(1)), Duration::ZERO);
/// assert_eq!(start + Duration::MAX, Instant::FAR_FUTURE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The origin of a runtime's clock.
    pub const ORIGIN: Instant = Instant(0);

    /// A deadline that is never reached.
    pub const FAR_FUTURE: Instant = Instant(u64::MAX);

    /// Makes the instant `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Instant {
        Instant(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, rhs: Duration) -> Instant {
        Instant(u64::try_from(rhs.as_nanos()).map_or(u64::MAX, |nanos| self.0.saturating_add(nanos)))
    }
}

/// The time from `rhs` to `self`, zero if `rhs` is later.
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, rhs: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(rhs.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_added_can_be_measured_unless_it_leads_to_the_far_future(nanos: u64, more: u64) {
            let (start, more) = (Instant::from_nanos(nanos), Duration::from_nanos(more));
            let end = start + more;
            prop_assert!(end >= start);
            prop_assert_eq!(end - start, more.min(Instant::FAR_FUTURE - start));
            prop_assert_eq!(start - end, Duration::ZERO);
        }

        #[test]
        fn durations_beyond_all_instants_lead_to_the_far_future(nanos: u64, secs in u64::MAX / 1_000_000_000 + 1..) {
            prop_assert_eq!(Instant::from_nanos(nanos) + Duration::from_secs(secs), Instant::FAR_FUTURE);
        }

        #[test]
        fn instants_are_ordered_as_their_distances_from_the_origin(a: u64, b: u64) {
            let (first, second) = (Instant::from_nanos(a), Instant::from_nanos(b));
            prop_assert_eq!(first.cmp(&second), (first - Instant::ORIGIN).cmp(&(second - Instant::ORIGIN)));
            prop_assert_eq!(first.as_nanos(), a);
        }
    }
}
