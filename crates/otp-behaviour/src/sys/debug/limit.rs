use std::time::Duration;

use otp_core::runtime::Instant;

/// Bounds a debug function, so that it does no harm to a server under load: how many events it sees in all, how many in a
/// second, and for how long. When it has seen them all, or its time is over, it is removed.
///
/// ```
/// use std::time::Duration;
/// use otp::sys::Limit;
///
/// let limit = Limit::new().events(20).within(Duration::from_secs(10));
/// assert_eq!(limit, Limit::new().within(Duration::from_secs(10)).events(20));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Limit {
    events: u64,
    per_second: u64,
    time: Option<Duration>,
}

impl Limit {
    /// A thousand events, at most a hundred of them in a second, within a minute.
    pub fn new() -> Limit {
        Limit { events: 1000, per_second: 100, time: Some(Duration::from_secs(60)) }
    }

    /// No limit: the function sees all events until it is removed.
    pub fn none() -> Limit {
        Limit { events: u64::MAX, per_second: u64::MAX, time: None }
    }

    /// Sets how many events it sees in all.
    pub fn events(mut self, events: u64) -> Limit {
        self.events = events;
        self
    }

    /// Sets how many events it sees in a second. Those beyond are skipped, and counted in the next event.
    pub fn per_second(mut self, events: u64) -> Limit {
        self.per_second = events;
        self
    }

    /// Sets for how long it is there.
    pub fn within(mut self, time: Duration) -> Limit {
        self.time = Some(time);
        self
    }

    /// When its time is over, if it begins now.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.time.map(|time| now + time)
    }
}

impl Default for Limit {
    fn default() -> Limit {
        Limit::new()
    }
}

/// What is left of a limit.
pub(super) struct Left {
    events: u64,
    per_second: u64,
    deadline: Option<Instant>,
    /// The beginning of this second, and how many events it has had.
    second: Instant,
    seen: u64,
    skipped: u64,
}

/// What a limit says of an event.
pub(super) enum Allowed {
    /// It is seen, after so many that were not.
    Yes(u64),
    No,
    Over,
}

impl Left {
    pub(super) fn of(limit: &Limit, now: Instant) -> Left {
        let Limit { events, per_second, .. } = *limit;
        Left { events, per_second, deadline: limit.deadline(now), second: now, seen: 0, skipped: 0 }
    }

    pub(super) fn allows(&mut self, now: Instant) -> Allowed {
        if self.events == 0 || self.deadline.is_some_and(|deadline| now >= deadline) {
            return Allowed::Over;
        }
        if now - self.second >= Duration::from_secs(1) {
            (self.second, self.seen) = (now, 0);
        }
        if self.seen >= self.per_second {
            self.skipped += 1;
            return Allowed::No;
        }
        self.seen += 1;
        self.events -= 1;
        Allowed::Yes(std::mem::take(&mut self.skipped))
    }

    /// Whether it allows no further event.
    pub(super) fn is_over(&self) -> bool {
        self.events == 0
    }
}
