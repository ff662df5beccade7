//! Keys, values and when they expire.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use bytes::Bytes;

use super::record;
use super::timestamp::Timestamp;

/// A value and when it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Bytes,
    /// From this time on the key is not there.
    pub expires: Option<Timestamp>,
}

impl Entry {
    fn alive(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// Map from keys to entries that knows which expires next.
///
/// Keys and values are copied in: a slice of a connection's buffer would keep the whole buffer.
#[derive(Debug, Default)]
pub struct Table {
    entries: HashMap<Bytes, Entry>,
    deadlines: BTreeSet<(Timestamp, Bytes)>,
    /// What logging every entry would take.
    log_len: u64,
}

impl Table {
    /// The entry of a key, unless it has expired.
    #[must_use]
    pub fn live(&self, key: &[u8], now: Timestamp) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.alive(now))
    }

    /// Number of keys that have not expired.
    #[must_use]
    pub fn live_len(&self, now: Timestamp) -> usize {
        let expired = self.deadlines.iter().take_while(|(deadline, _)| *deadline <= now);
        self.entries.len() - expired.count()
    }

    /// All entries, in no order, the expired ones that are not swept yet included.
    pub fn iter(&self) -> impl Iterator<Item = (&Bytes, &Entry)> {
        self.entries.iter()
    }

    /// All keys that have not expired, in no order.
    pub fn live_keys(&self, now: Timestamp) -> impl Iterator<Item = &Bytes> {
        self.entries.iter().filter(move |(_, entry)| entry.alive(now)).map(|(key, _)| key)
    }

    /// Bytes a log that holds these entries and nothing else has.
    #[must_use]
    pub fn log_len(&self) -> u64 {
        self.log_len
    }

    /// When the next key expires.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Sets the entry of a key.
    pub fn insert(&mut self, key: &[u8], value: &[u8], expires: Option<Timestamp>) {
        let entry = Entry { value: Bytes::copy_from_slice(value), expires };
        self.log_len += log_len(key, &entry);
        let Some(slot) = self.entries.get_mut(key) else {
            let key = Bytes::copy_from_slice(key);
            self.schedule(&key, expires);
            self.entries.insert(key, entry);
            return;
        };
        let old = mem::replace(slot, entry);
        self.log_len -= log_len(key, &old);
        if old.expires != expires
            && let Some((key, _)) = self.entries.get_key_value(key)
        {
            let key = key.clone();
            self.unschedule(&key, old.expires);
            self.schedule(&key, expires);
        }
    }

    /// Changes when a key expires; returns whether it is there.
    pub fn expire(&mut self, key: &[u8], at: Timestamp) -> bool {
        let Some((key, mut entry)) = self.take(key) else {
            return false;
        };
        entry.expires = Some(at);
        self.log_len += log_len(&key, &entry);
        self.schedule(&key, entry.expires);
        self.entries.insert(key, entry);
        true
    }

    /// Removes a key; returns its entry, expired or not.
    pub fn remove(&mut self, key: &[u8]) -> Option<Entry> {
        self.take(key).map(|(_, entry)| entry)
    }

    /// Removes every key.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Removes up to `budget` keys that have expired, the longest expired first; counts them.
    pub fn sweep(&mut self, now: Timestamp, budget: usize) -> usize {
        let mut swept = 0;
        while swept < budget
            && let Some((deadline, _)) = self.deadlines.first()
            && *deadline <= now
            && let Some((_, key)) = self.deadlines.pop_first()
        {
            if let Some(entry) = self.entries.remove(&key) {
                self.log_len -= log_len(&key, &entry);
            }
            swept += 1;
        }
        swept
    }

    fn take(&mut self, key: &[u8]) -> Option<(Bytes, Entry)> {
        let (key, entry) = self.entries.remove_entry(key)?;
        self.log_len -= log_len(&key, &entry);
        self.unschedule(&key, entry.expires);
        Some((key, entry))
    }

    fn schedule(&mut self, key: &Bytes, expires: Option<Timestamp>) {
        if let Some(deadline) = expires {
            self.deadlines.insert((deadline, key.clone()));
        }
    }

    fn unschedule(&mut self, key: &Bytes, expires: Option<Timestamp>) {
        if let Some(deadline) = expires {
            self.deadlines.remove(&(deadline, key.clone()));
        }
    }
}

fn log_len(key: &[u8], entry: &Entry) -> u64 {
    record::set_len(key.len(), entry.value.len(), entry.expires) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_has_expired_is_not_there_even_before_it_is_swept() {
        let mut table = Table::default();
        table.insert(b"a", b"1", Some(at(100)));
        table.insert(b"b", b"2", None);
        assert!(table.live(b"a", at(99)).is_some());
        assert!(table.live(b"a", at(100)).is_none());
        assert_eq!(table.live_len(at(99)), 2);
        assert_eq!(table.live_len(at(100)), 1);
        assert_eq!(table.live_keys(at(100)).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_sweep_keeps_to_its_budget_and_to_what_has_expired() {
        let mut table = Table::default();
        for number in 0..10 {
            table.insert(format!("{number}").as_bytes(), b"", Some(at(number)));
        }
        assert_eq!(table.sweep(at(5), 4), 4);
        assert_eq!(table.next_deadline(), Some(at(4)));
        assert_eq!(table.sweep(at(5), 100), 2);
        assert_eq!(table.sweep(at(5), 100), 0);
        assert_eq!(table.live_len(at(5)), 4);
    }

    #[test]
    fn only_the_last_deadline_of_a_key_counts() {
        let mut table = Table::default();
        table.insert(b"a", b"1", Some(at(10)));
        table.insert(b"a", b"2", Some(at(20)));
        assert!(table.expire(b"a", at(30)));
        assert_eq!(table.next_deadline(), Some(at(30)));
        table.insert(b"a", b"3", None);
        assert_eq!(table.next_deadline(), None);
        assert_eq!(table.sweep(at(100), 10), 0);
        assert!(!table.expire(b"missing", at(30)));
    }

    #[test]
    fn an_empty_table_would_log_nothing() {
        let mut table = Table::default();
        table.insert(b"a", b"1", Some(at(10)));
        table.insert(b"a", b"22", None);
        table.insert(b"b", b"3", Some(at(10)));
        table.insert(b"c", b"3", None);
        table.expire(b"c", at(5));
        assert!(table.log_len() > 0);
        assert!(table.remove(b"a").is_some());
        table.sweep(at(10), 10);
        assert_eq!(table.log_len(), 0);
    }
}
