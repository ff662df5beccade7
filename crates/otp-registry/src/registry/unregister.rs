use otp_core::{Pid, Process};

use super::dropping::drop_each;
use super::handle::Registry;
use super::kinds::{Key, Keys};
use super::listen::Change;
use super::record::Shared;

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Removes the entries of the process `by` under `key`, and returns how many there were. Entries of other processes stay.
    ///
    /// # Panics
    ///
    /// If code of the key panics, or the drop of a value that nobody else has; the entries are removed in this case.
    pub fn unregister(&self, by: &Process, key: &K) -> usize {
        self.unregister_matches(by, key, |_| true)
    }

    /// Removes the entries of the process `by` under `key` whose value `matches` accepts, and returns how many there were.
    /// Elixir's `unregister_match`. Listeners are told if the process has no entry under `key` then, also if it had none
    /// before.
    ///
    /// # Panics
    ///
    /// As [`unregister`](Registry::unregister); if `matches` panics, nothing is removed.
    pub fn unregister_matches(&self, by: &Process, key: &K, matches: impl FnMut(&V) -> bool) -> usize {
        // A pid of another system may be that of another process here.
        if *by.system() != self.system {
            return 0;
        }
        let (removed, left) = self.remove(by.pid(), key, matches);
        if left == 0 {
            self.table.listeners.tell(|| Change::Unregistered { key: key.clone(), pid: by.pid() });
        }
        removed
    }

    /// Removes entries, and returns how many, and how many the process has left under `key`.
    fn remove(&self, by: Pid, key: &K, mut matches: impl FnMut(&V) -> bool) -> (usize, usize) {
        let Some(owner) = self.table.owner(by) else { return (0, 0) };
        let hash = self.table.hash(key);
        let own = owner.lock().records.with_hash(hash);
        // Not under the lock: keys and values are compared by code of users.
        let (mut unwanted, mut left) = (Vec::new(), 0);
        for record in own.into_iter().filter(|own| own.key == *key) {
            if matches(&record.value) {
                unwanted.push(record);
            } else {
                left += 1;
            }
        }
        let mut holding = owner.lock();
        let remove = |record: &Shared<K, M, V>| holding.records.remove(record.place);
        let removed: Vec<_> = unwanted.iter().filter_map(remove).inspect(|record| self.table.remove(record)).collect();
        drop(holding);
        let count = removed.len();
        drop_each(removed.into_iter().chain(unwanted));
        (count, left)
    }
}
