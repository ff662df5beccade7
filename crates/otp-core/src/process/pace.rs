use std::time::Duration;

use crate::runtime::Instant;
use crate::sync::atomic::{AtomicU16, Ordering};

/// Whether a server answers fast enough to be run by its callers.
///
/// One run in [`MEASURE_EVERY`] is timed. A slow one shows a server whose callers might want to call others at the
/// same time: it is left to the executor for the next [`REST`] calls, and twice as many each time that it is slow again.
#[derive(Default)]
pub(crate) struct Pace {
    /// Runs until the next one that is timed; or that the last one was slow, as those before it.
    trusted: AtomicU16,
    /// Calls for which the server is left alone.
    rest: AtomicU16,
}

const MEASURE_EVERY: u16 = 16;
const REST: u16 = 64;
/// The longest rest is so many times doubled.
const DOUBLINGS: u16 = 8;
/// In [`Pace::trusted`]: the rest is over, and was doubled as often as the lower bits say.
const WAS_SLOW: u16 = 1 << 15;
const SLOW: Duration = Duration::from_micros(20);

impl Pace {
    #[inline]
    pub(super) fn is_trusted(&self) -> bool {
        let rest = self.rest.load(Ordering::Relaxed);
        if rest > 0 {
            // Callers that do this at the same time lose a count, which does no harm.
            self.rest.store(rest - 1, Ordering::Relaxed);
        }
        rest == 0
    }

    /// Runs the server, and takes the time on its clock now and then.
    pub(super) fn time<R>(&self, now: impl Fn() -> Instant, run: impl FnOnce() -> R) -> R {
        let trusted = self.trusted.load(Ordering::Relaxed);
        if (1..WAS_SLOW).contains(&trusted) {
            self.trusted.store(trusted - 1, Ordering::Relaxed);
            return run();
        }
        let start = now();
        let output = run();
        if now() - start > SLOW {
            let doubled = trusted.checked_sub(WAS_SLOW).map_or(0, |before| DOUBLINGS.min(before + 1));
            self.rest.store(REST << doubled, Ordering::Relaxed);
            self.trusted.store(WAS_SLOW | doubled, Ordering::Relaxed);
        } else {
            self.trusted.store(MEASURE_EVERY - 1, Ordering::Relaxed);
        }
        output
    }
}
