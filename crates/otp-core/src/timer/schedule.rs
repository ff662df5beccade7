use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::queue::Action;
use super::slots::Slots;
use crate::runtime::Instant;

/// Timers by key and by deadline; those with the same deadline in the order in which they were made.
///
/// A removed timer leaves its deadline in the heap, so that adding and removing do not become slower with the number of
/// timers. The heap is cleaned up when more than half of it is stale.
///
/// The timers of one process form a ring, so that the end of the process finds them. One member of a ring is never
/// armed: the process stores its key.
pub(super) struct Schedule {
    timers: Slots<Timer>,
    deadlines: BinaryHeap<Reverse<(Instant, Key)>>,
    armed: usize,
    ages: Ages,
}

/// The ages of the timers that are still to be made: an arithmetic sequence, so that several schedules can share the
/// ages out.
#[derive(Clone, Copy)]
struct Ages {
    next: u64,
    step: u64,
}

/// Identifies a timer, and no later one in the same slot: ages are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Greater for later timers of the same schedule.
    pub(super) age: u64,
    slot: usize,
}

struct Timer {
    age: u64,
    deadline: Instant,
    /// `None` before it is armed and while it fires.
    action: Option<Action>,
    /// Slots of its neighbours in the ring; its own if it is alone.
    next: usize,
    previous: usize,
}

/// Fewer stale deadlines than this are not worth a clean-up.
const FEW: usize = 64;

impl Schedule {
    /// Makes the schedule with this number, of `count` schedules that never make two timers of the same age.
    pub(super) fn one_of(count: usize, number: usize) -> Schedule {
        Schedule::empty(Ages { next: number as u64, step: count as u64 })
    }

    fn empty(ages: Ages) -> Schedule {
        Schedule { timers: Slots::default(), deadlines: BinaryHeap::new(), armed: 0, ages }
    }

    /// Makes a timer that is not armed yet.
    pub(super) fn make(&mut self) -> Key {
        let age = self.ages.next;
        self.ages.next += self.ages.step;
        let slot = self.timers.insert(Timer { age, deadline: Instant::FAR_FUTURE, action: None, next: 0, previous: 0 });
        let timer = &mut self.timers[slot];
        (timer.next, timer.previous) = (slot, slot);
        Key { age, slot }
    }

    /// Arms a timer that is not armed; gives the action back if the timer has been removed.
    pub(super) fn arm(&mut self, key: Key, deadline: Instant, action: Action) -> Result<(), Action> {
        let Some(timer) = self.timer_mut(key) else { return Err(action) };
        timer.deadline = deadline;
        timer.action = Some(action);
        self.deadlines.push(Reverse((deadline, key)));
        self.armed += 1;
        Ok(())
    }

    /// Begins a ring with one timer.
    pub(super) fn begin(&mut self, key: Key) -> Key {
        let mut ring = self.make();
        self.join(key, &mut ring);
        ring
    }

    /// Adds a single timer to the end of a ring; begins another ring if that one no longer exists.
    pub(super) fn join(&mut self, key: Key, ring: &mut Key) {
        if self.timer(*ring).is_none() {
            *ring = self.make();
        }
        let last = std::mem::replace(&mut self.timers[ring.slot].previous, key.slot);
        self.timers[last].next = key.slot;
        let timer = &mut self.timers[key.slot];
        (timer.next, timer.previous) = (ring.slot, last);
    }

    /// The oldest timer of a ring.
    pub(super) fn first(&self, ring: Key) -> Option<Key> {
        let slot = self.timer(ring)?.next;
        (slot != ring.slot).then(|| Key { age: self.timers[slot].age, slot })
    }

    /// Removes a timer; returns the deadline and action with which it was armed.
    pub(super) fn remove(&mut self, key: Key) -> Option<(Instant, Action)> {
        let &Timer { next, previous, .. } = self.timer(key)?;
        self.timers[previous].next = next;
        self.timers[next].previous = previous;
        let timer = self.timers.remove(key.slot)?;
        self.armed -= usize::from(timer.action.is_some());
        self.clear_up();
        Some((timer.deadline, timer.action?))
    }

    pub(super) fn deadline(&self, key: Key) -> Option<Instant> {
        self.timer(key).filter(|timer| timer.action.is_some()).map(|timer| timer.deadline)
    }

    /// The number of armed timers.
    pub(super) fn len(&self) -> usize {
        self.armed
    }

    /// The next deadline; the far future if there is none.
    pub(super) fn next(&mut self) -> Instant {
        while let Some(Reverse((deadline, key))) = self.deadlines.peek() {
            if self.timer(*key).is_some() {
                return *deadline;
            }
            self.deadlines.pop();
        }
        Instant::FAR_FUTURE
    }

    /// Takes the action out of the first timer that is due; if none is, returns the next deadline. The timer can be
    /// armed again, and has to be removed otherwise.
    pub(super) fn take_due(&mut self, now: Instant) -> Result<(Key, Action), Instant> {
        let next = self.next();
        if next > now {
            return Err(next);
        }
        let first = self.deadlines.pop().and_then(|Reverse((_, key))| Some((key, self.timer_mut(key)?.action.take()?)));
        self.armed -= usize::from(first.is_some());
        first.ok_or(Instant::FAR_FUTURE)
    }

    /// Takes all timers out. Existing keys find nothing, now and later.
    pub(super) fn take(&mut self) -> Schedule {
        std::mem::replace(self, Schedule::empty(self.ages))
    }

    /// What the timers were to do that have not fired.
    pub(super) fn into_actions(self) -> impl Iterator<Item = Action> {
        self.timers.into_iter().filter_map(|timer| timer.action)
    }

    fn timer(&self, key: Key) -> Option<&Timer> {
        self.timers.get(key.slot).filter(|timer| timer.age == key.age)
    }

    fn timer_mut(&mut self, key: Key) -> Option<&mut Timer> {
        self.timers.get_mut(key.slot).filter(|timer| timer.age == key.age)
    }

    /// Moves every deadline at most once for each that is stale or has fired.
    fn clear_up(&mut self) {
        let Schedule { timers, deadlines, armed, .. } = self;
        if deadlines.len() > FEW && deadlines.len() > 2 * *armed {
            deadlines.retain(|Reverse((_, key))| timers.get(key.slot).is_some_and(|timer| timer.age == key.age));
        }
        if deadlines.capacity() > FEW && deadlines.capacity() > 4 * deadlines.len() {
            deadlines.shrink_to(2 * deadlines.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOON: Instant = Instant::from_nanos(1);
    const LATER: Instant = Instant::from_nanos(2);

    fn armed(schedule: &mut Schedule, deadline: Instant) -> Key {
        let key = schedule.make();
        assert!(schedule.arm(key, deadline, Box::new(|| None)).is_ok());
        key
    }

    fn all_due(schedule: &mut Schedule) -> Vec<Key> {
        std::iter::from_fn(|| schedule.take_due(LATER).ok().map(|(key, _)| key)).collect()
    }

    fn ring(schedule: &Schedule, ring: Key) -> Vec<Key> {
        let after = |key: &Key| schedule.first(*key).filter(|next| *next != ring);
        std::iter::successors(schedule.first(ring), after).collect()
    }

    #[test]
    fn a_key_never_reaches_a_later_timer_in_its_slot() {
        let mut schedule = Schedule::one_of(1, 0);
        let stale = armed(&mut schedule, SOON);
        assert!(schedule.remove(stale).is_some());
        let key = armed(&mut schedule, LATER);
        assert_eq!(key.slot, stale.slot);
        assert!(schedule.deadline(stale).is_none() && schedule.remove(stale).is_none());
        assert!(schedule.arm(stale, SOON, Box::new(|| None)).is_err());
        assert_eq!(schedule.next(), LATER, "the deadline of the one that is gone means nothing");
        assert_eq!((schedule.len(), all_due(&mut schedule)), (1, vec![key]));
    }

    #[test]
    fn timers_with_one_deadline_fire_by_age_in_whatever_slots_they_are() {
        let mut schedule = Schedule::one_of(1, 0);
        let mut keys: Vec<Key> = (0..100).map(|_| armed(&mut schedule, SOON)).collect();
        for key in keys.extract_if(.., |key| key.age % 3 == 0) {
            schedule.remove(key);
        }
        keys.extend((0..50).map(|_| armed(&mut schedule, SOON)));
        assert!(!keys.is_sorted_by_key(|key| key.slot), "slots are used again");
        assert_eq!(all_due(&mut schedule), keys);
    }

    #[test]
    fn the_room_for_deadlines_is_given_back_when_they_are_cancelled_or_have_fired() {
        let mut schedule = Schedule::one_of(1, 0);
        for fires in [false, true] {
            let keys: Vec<Key> = (0..10_000).map(|_| armed(&mut schedule, SOON)).collect();
            for key in keys {
                if fires {
                    assert!(schedule.take_due(SOON).is_ok());
                }
                schedule.remove(key);
            }
            assert!(schedule.deadlines.capacity() <= 4 * FEW, "{}", schedule.deadlines.capacity());
        }
    }

    #[test]
    fn keys_from_before_all_timers_were_taken_out_lead_nowhere() {
        let mut schedule = Schedule::one_of(1, 0);
        let stale = armed(&mut schedule, SOON);
        let mut known = schedule.begin(stale);
        drop(schedule.take());
        let key = armed(&mut schedule, SOON);
        assert_eq!((schedule.deadline(stale), schedule.first(known)), (None, None));
        schedule.join(key, &mut known);
        assert_eq!(ring(&schedule, known), [key]);
    }

    proptest! {
        #[test]
        fn a_ring_has_the_timers_that_joined_it_and_were_not_removed_by_age(
            steps in prop::collection::vec((0..4_usize, any::<Option<prop::sample::Index>>()), 0..200),
        ) {
            let mut schedule = Schedule::one_of(1, 0);
            let mut rings: [Option<Key>; 3] = [None; 3];
            let mut expected: Vec<(usize, Key)> = Vec::new();
            for (owner, removed) in steps {
                match removed {
                    Some(index) if !expected.is_empty() => {
                        let (_, key) = expected.remove(index.index(expected.len()));
                        prop_assert!(schedule.remove(key).is_some());
                    }
                    Some(_) => {}
                    None => {
                        let key = armed(&mut schedule, SOON);
                        // The last owner's timers are in no ring.
                        match rings.get_mut(owner) {
                            Some(Some(ring)) => schedule.join(key, ring),
                            Some(unmade) => *unmade = Some(schedule.begin(key)),
                            None => {}
                        }
                        expected.push((owner, key));
                    }
                }
                for (owner, known) in rings.iter().enumerate() {
                    let members = known.map_or(Vec::new(), |known| ring(&schedule, known));
                    let of_owner = expected.iter().filter(|(of, _)| *of == owner).map(|(_, key)| *key);
                    prop_assert_eq!(members, of_owner.collect::<Vec<_>>());
                }
                prop_assert_eq!(schedule.len(), expected.len());
            }
        }
    }
}
