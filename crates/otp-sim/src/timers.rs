use std::collections::BTreeMap;
use std::task::Waker;

/// The armed timers of a run, by deadline; timers with the same deadline are in an order that the seed decides.
#[derive(Default)]
pub(crate) struct Timers {
    armed: BTreeMap<TimerKey, Waker>,
    made: u64,
}

/// Identifies an armed timer: its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey {
    deadline: u64,
    tie: u64,
    id: u64,
}

impl Timers {
    pub(crate) fn arm(&mut self, deadline: u64, tie: u64, waker: Waker) -> TimerKey {
        self.made += 1;
        let key = TimerKey { deadline, tie, id: self.made };
        self.armed.insert(key, waker);
        key
    }

    /// Replaces the waker of a timer, and returns the old one. False if the timer has fired.
    pub(crate) fn rearm(&mut self, key: TimerKey, waker: &Waker) -> (bool, Option<Waker>) {
        let Some(armed) = self.armed.get_mut(&key) else { return (false, None) };
        (true, (!armed.will_wake(waker)).then(|| std::mem::replace(armed, waker.clone())))
    }

    pub(crate) fn disarm(&mut self, key: TimerKey) -> Option<Waker> {
        self.armed.remove(&key)
    }

    /// The next deadline.
    pub(crate) fn next(&self) -> Option<u64> {
        self.armed.first_key_value().map(|(key, _)| key.deadline)
    }

    /// Takes the waker of the next timer, if its deadline is not after `now`.
    pub(crate) fn fire(&mut self, now: u64) -> Option<Waker> {
        let first = self.armed.first_entry().filter(|first| first.key().deadline <= now)?;
        Some(first.remove())
    }

    pub(crate) fn take(&mut self) -> BTreeMap<TimerKey, Waker> {
        std::mem::take(&mut self.armed)
    }
}
