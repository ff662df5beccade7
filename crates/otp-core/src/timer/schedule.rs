use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::queue::Action;
use crate::hash::IdMap;
use crate::runtime::Instant;

/// Timers by id and by deadline; those with the same deadline in the order of their ids.
///
/// A timer that is removed leaves its deadline behind in the heap, where nobody misses it, so that adding and removing
/// do not cost more the more timers there are. The heap is made anew when more than half of it is left behind.
#[derive(Default)]
pub(super) struct Schedule {
    timers: IdMap<(Instant, Action)>,
    deadlines: BinaryHeap<Reverse<(Instant, u64)>>,
}

/// Fewer deadlines than this are not worth clearing up.
const FEW: usize = 64;

impl Schedule {
    /// Adds a timer, whose id is not in use.
    pub(super) fn insert(&mut self, id: u64, deadline: Instant, action: Action) {
        self.timers.insert(id, (deadline, action));
        self.deadlines.push(Reverse((deadline, id)));
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<(Instant, Action)> {
        let removed = self.timers.remove(&id)?;
        if self.deadlines.len() > FEW && self.deadlines.len() > 2 * self.timers.len() {
            self.deadlines = self.timers.iter().map(|(id, (deadline, _))| Reverse((*deadline, *id))).collect();
        }
        Some(removed)
    }

    pub(super) fn deadline(&self, id: u64) -> Option<Instant> {
        self.timers.get(&id).map(|(deadline, _)| *deadline)
    }

    pub(super) fn len(&self) -> usize {
        self.timers.len()
    }

    /// The next deadline; the far future if there is none.
    pub(super) fn next(&mut self) -> Instant {
        while let Some(Reverse((deadline, id))) = self.deadlines.peek() {
            if self.timers.get(id).is_some_and(|timer| timer.0 == *deadline) {
                return *deadline;
            }
            self.deadlines.pop();
        }
        Instant::FAR_FUTURE
    }

    /// Takes out the first timer that is due; if none is, the next deadline.
    pub(super) fn take_due(&mut self, now: Instant) -> Result<(u64, Action), Instant> {
        let next = self.next();
        if next > now {
            return Err(next);
        }
        let first = self.deadlines.pop().and_then(|Reverse((_, id))| Some((id, self.timers.remove(&id)?.1)));
        first.ok_or(Instant::FAR_FUTURE)
    }
}
