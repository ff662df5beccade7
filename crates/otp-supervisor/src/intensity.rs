use std::collections::VecDeque;
use std::time::Duration;

use otp_core::runtime::Instant;

/// Limits restarts: at most `limit` within `period`, over all children of a supervisor.
#[derive(Clone, Debug)]
pub(crate) struct Intensity {
    limit: usize,
    period: Duration,
    restarts: VecDeque<Instant>,
}

impl Intensity {
    pub(crate) fn new(limit: usize, period: Duration) -> Intensity {
        Intensity { limit, period, restarts: VecDeque::new() }
    }

    /// The limit, and how many restarts count against it now.
    pub(crate) fn used(&self, now: Instant) -> (usize, usize) {
        let counts = |restart: &&Instant| now - **restart <= self.period;
        (self.limit, self.restarts.iter().filter(counts).count())
    }

    pub(crate) fn period(&self) -> Duration {
        self.period
    }

    /// Counts a restart; false if it exceeds the limit. A restart exactly a period ago still counts.
    pub(crate) fn allows(&mut self, now: Instant) -> bool {
        self.restarts.push_back(now);
        while self.restarts.front().is_some_and(|&oldest| now - oldest > self.period) {
            self.restarts.pop_front();
        }
        self.restarts.len() <= self.limit
    }
}
