use std::time::Duration;

/// Sets a pause before each restart of a child, which doubles from one restart to the next.
///
/// OTP has no such pause. A restart with a pause counts against the supervisor's intensity like any other, so set an
/// intensity that allows for it: with pauses of a second, at least the number of seconds in the period. Children with
/// [`retries`](crate::ChildSpec::retries) have their own limit instead.
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
    /// By how much a pause may be shorter or longer, in millionths of it.
    jitter: u32,
}

const MILLION: u32 = 1_000_000;

impl Backoff {
    /// Makes a backoff: `first` is the first pause, `max` the longest. A child that has run for longer than `max`
    /// starts again with the first pause.
    pub fn new(first: Duration, max: Duration) -> Backoff {
        Backoff { first: first.min(max), max, jitter: 0 }
    }

    /// Makes each pause shorter or longer by a random part of it, at most `share`: 0.2 is a fifth. Children that end at
    /// the same time are then not restarted at the same time. The runtime provides the random numbers.
    ///
    /// # Panics
    ///
    /// If `share` is not between 0 and 1.
    pub fn with_jitter(self, share: f64) -> Backoff {
        assert!((0.0..=1.0).contains(&share), "the share of jitter is between 0 and 1, and not {share}");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and a million")]
        let jitter = (share * f64::from(MILLION)) as u32;
        Backoff { jitter, ..self }
    }

    /// Returns the pause after this many restarts in a row, without jitter.
    pub fn pause(&self, restarts: u32) -> Duration {
        let factor = 1_u128.checked_shl(restarts).unwrap_or(u128::MAX);
        let nanos = self.first.as_nanos().saturating_mul(factor).min(self.max.as_nanos());
        Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
    }

    /// Returns a pause with jitter, for the random number `random`.
    pub(crate) fn jittered(&self, pause: Duration, random: u64) -> Duration {
        let (million, jitter) = (u128::from(MILLION), u128::from(self.jitter));
        let factor = million - jitter + u128::from(random) % (2 * jitter + 1);
        let nanos = pause.as_nanos().saturating_mul(factor) / million;
        Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
    }

    /// Whether a child that has run for `time` starts again with the first pause.
    pub(crate) fn forgets_after(&self, time: Duration) -> bool {
        time > self.max
    }
}
