use otp_core::Process;

use super::dropping::drop_each;
use super::handle::Registry;
use super::kinds::{Key, Keys};
use super::listen::Change;

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
        let removed = self.remove(by, key, matches);
        if *by.system() == self.system && self.values(key, by.pid()).is_empty() {
            self.table.listeners.tell(|| Change::Unregistered { key: key.clone(), pid: by.pid() });
        }
        removed
    }

    fn remove(&self, by: &Process, key: &K, mut matches: impl FnMut(&V) -> bool) -> usize {
        let Some(owner) = self.owner(by) else { return 0 };
        let hash = self.table.hash(key);
        let own = owner.lock().records.with_hash(hash);
        // Not under the lock: keys and values are compared by code of users.
        let unwanted: Vec<_> = own.into_iter().filter(|own| own.key == *key && matches(&own.value)).collect();
        let mut removed = Vec::new();
        for record in &unwanted {
            let mut holding = owner.lock();
            if let Some(record) = holding.records.remove(record.place) {
                self.table.remove(&record);
                removed.push(record);
            }
        }
        let count = removed.len();
        drop_each(removed.into_iter().chain(unwanted));
        count
    }
}
