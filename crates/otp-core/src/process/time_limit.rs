use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::alarm::Alarm;
use super::blocked::{Foreign, Wait, if_foreign};
use super::header::Header;
use super::present::with_present;
use crate::runtime::{BoxTimer, Instant, Runtime};

/// The time limit of a wait. It counts from the first poll.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    /// In nanoseconds: no clock counts further, see [`Instant`].
    limit: u64,
    /// The origin of the clock until it is known.
    deadline: Instant,
    /// For a wait that is not polled by a process under its own waker.
    alone: Option<Box<Alone>>,
}

#[derive(Default)]
struct Alone {
    /// The wait is not to take part in the search for a deadlock.
    unwatched: bool,
    /// When what has the limit began, if spectators want to know how long it takes.
    begun: Option<Instant>,
    foreign: Foreign,
    timer: Option<BoxTimer>,
}

impl TimeLimit {
    /// A limit that is never reached.
    pub(crate) const NEVER: TimeLimit = TimeLimit { limit: u64::MAX, deadline: Instant::FAR_FUTURE, alone: None };

    pub(crate) fn new(limit: Duration) -> TimeLimit {
        let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        TimeLimit { limit, deadline: Instant::ORIGIN, alone: None }
    }

    /// Changes the limit, before the first poll.
    pub(crate) fn set(&mut self, to: TimeLimit) {
        *self = TimeLimit { alone: self.alone.take(), ..to };
    }

    /// Whether the wait takes part in the search for a deadlock.
    pub(crate) fn is_watched(&self) -> bool {
        self.alone.as_ref().is_none_or(|alone| !alone.unwatched)
    }

    pub(crate) fn set_watched(&mut self, on: bool) {
        if self.is_watched() != on {
            self.alone.get_or_insert_default().unwatched = !on;
        }
    }

    /// Notes when what has the limit began, unless it has begun before.
    #[cold]
    pub(crate) fn note_begun(&mut self, now: impl FnOnce() -> Instant) {
        self.alone.get_or_insert_default().begun.get_or_insert_with(now);
    }

    /// When it began, if that was noted; once.
    #[inline]
    pub(crate) fn take_begun(&mut self) -> Option<Instant> {
        self.alone.as_mut()?.begun.take()
    }

    pub(crate) fn limit(&self) -> Duration {
        Duration::from_nanos(self.limit)
    }

    pub(crate) fn is_never(&self) -> bool {
        self.limit == u64::MAX
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.limit == 0
    }

    /// Ready when the time is up, on the clock of `runtime`.
    #[inline]
    pub(crate) fn poll(&mut self, runtime: &Arc<dyn Runtime>, cx: &mut Context<'_>) -> Poll<()> {
        match self.deadline {
            Instant::FAR_FUTURE => Poll::Pending,
            _ => self.poll_deadline(runtime, cx),
        }
    }

    /// Called when what has this limit is not ready; see [`Foreign::wait`].
    #[inline]
    pub(crate) fn wait(&mut self, cx: &Context<'_>) -> Wait {
        if_foreign(cx, |present| self.alone.get_or_insert_default().foreign.wait_in(present, cx.waker()))
    }

    fn poll_deadline(&mut self, runtime: &Arc<dyn Runtime>, cx: &mut Context<'_>) -> Poll<()> {
        let mut started = None;
        if self.deadline == Instant::ORIGIN {
            let now = runtime.now();
            self.deadline = now + self.limit();
            started = Some(now);
        }
        let deadline = self.deadline;
        if self.alone.as_ref().is_none_or(|alone| alone.timer.is_none()) {
            let alarm = with_present(|present| {
                let present = present.filter(|present| present.is_own_waker(cx.waker()))?;
                let header = present.header();
                Arc::ptr_eq(header.system.runtime(), runtime).then(|| header.poll_alarm(deadline, started, cx))
            });
            if let Some(poll) = alarm {
                return poll;
            }
        }
        let alone = self.alone.get_or_insert_default();
        alone.timer.get_or_insert_with(|| runtime.timer(deadline)).as_mut().poll_expired(cx)
    }
}

impl fmt::Debug for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alone")
    }
}

impl Header {
    /// Ready once `deadline` has passed; until then the process will be woken in time. The process polls this under its
    /// own waker; `started` is the current time if this is the first poll for that deadline.
    fn poll_alarm(&self, deadline: Instant, started: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else { return Poll::Pending };
        let alarm = &mut alive.rare().alarm;
        if let (Some(now), Some(alarm)) = (started, &alarm)
            && (now < alarm.armed && alarm.armed <= deadline)
        {
            return Poll::Pending;
        }
        // A timer is executor code: it is not called under the lock.
        let taken = alarm.take();
        drop(relations);
        let mut alarm =
            taken.unwrap_or_else(|| Alarm { timer: self.system.runtime().timer(deadline), armed: deadline });
        let poll = alarm.poll(deadline, || self.system.now(), cx);
        let before = self.relations.lock().alive().and_then(|alive| alive.rare().alarm.replace(alarm));
        drop(before);
        poll
    }
}
