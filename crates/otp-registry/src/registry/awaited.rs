use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::dropping::apart;
use super::hash::NumberHash;

/// Those who wait for an entry, by the hash of its key. Registering costs one look at a number if nobody waits.
#[derive(Default)]
pub(super) struct Awaited {
    count: AtomicUsize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    by_hash: HashMap<u64, BTreeMap<u64, Waker>, NumberHash>,
    next: u64,
}

impl Awaited {
    /// Has `waker` woken at the next entry with this hash; the number is for [`remove`](Awaited::remove).
    pub(super) fn add(&self, hash: u64, waker: Waker) -> u64 {
        // Before its owner looks for the entry under the lock of the map: whoever adds the entry later sees this.
        self.count.fetch_add(1, Ordering::SeqCst);
        let mut waiting = self.lock();
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_hash.entry(hash).or_default().insert(number, waker);
        number
    }

    /// Forgets one of them, unless it was woken.
    pub(super) fn remove(&self, hash: u64, number: u64) {
        let mut waiting = self.lock();
        let Some(those) = waiting.by_hash.get_mut(&hash) else { return };
        let waker = those.remove(&number);
        if those.is_empty() {
            waiting.by_hash.remove(&hash);
        }
        drop(waiting);
        self.count.fetch_sub(usize::from(waker.is_some()), Ordering::SeqCst);
        // Not under the lock: it may be code of users.
        drop(waker);
    }

    /// Wakes those who wait for an entry with this hash.
    #[inline]
    pub(super) fn wake(&self, hash: u64) {
        if self.count.load(Ordering::SeqCst) > 0 {
            self.wake_each(hash);
        }
    }

    #[cold]
    fn wake_each(&self, hash: u64) {
        let those = self.lock().by_hash.remove(&hash).unwrap_or_default();
        self.count.fetch_sub(those.len(), Ordering::SeqCst);
        those.into_values().for_each(|waker| apart(|| waker.wake()));
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_those_who_wait_no_longer() {
        let awaited = Awaited::default();
        let [first, second, third] = [1, 1, 2].map(|hash| awaited.add(hash, Waker::noop().clone()));
        awaited.remove(1, first);
        awaited.remove(1, first);
        awaited.remove(2, third);
        assert_eq!(awaited.count.load(Ordering::SeqCst), 1);
        awaited.wake(1);
        awaited.remove(1, second);
        assert_eq!(awaited.count.load(Ordering::SeqCst), 0);
        assert!(awaited.lock().by_hash.is_empty());
    }
}
