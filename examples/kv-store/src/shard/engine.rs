//! Does what operations say.

use std::time::Duration;

use bytes::Bytes;

use super::glob::Glob;
use super::op::{Condition, Op};
use super::record::{Batch, Record};
use super::table::Table;
use super::timestamp::Timestamp;
use crate::resp::{Reply, parse_integer};

/// The keys of one shard, in memory.
///
/// A key that has expired is not there, whether or not its memory has been freed yet: every
/// operation frees a few such keys, [`sweep`](Self::sweep) frees those nobody comes by.
#[derive(Debug, Default)]
pub struct Engine {
    table: Table,
}

impl Engine {
    /// Expired keys that an operation frees in passing.
    const SWEEP_PER_OP: usize = 4;

    /// Creates an engine without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does one operation, and adds to `batch` a record of what it changed, if it did.
    ///
    /// One operation makes one record at most, so that it is replayed all or not at all.
    ///
    /// # Panics
    ///
    /// On [`Op::Panic`].
    pub fn apply(&mut self, op: Op, now: Timestamp, batch: &mut Batch) -> Reply {
        self.table.sweep(now, Self::SWEEP_PER_OP);
        match op {
            Op::Get(key) => self.value(&key, now).into(),
            Op::Set { key, value, ttl, condition } => self.set(&key, &value, ttl, condition, now, batch),
            Op::Del(keys) => self.delete(keys, now, batch),
            Op::Exists(keys) => Reply::count(keys.iter().filter(|key| self.table.live(key, now).is_some()).count()),
            Op::IncrBy { key, delta } => self.increment(&key, delta, now, batch),
            Op::MGet(keys) => Reply::Array(keys.iter().map(|key| self.value(key, now).into()).collect()),
            Op::MSet(pairs) => {
                batch.set_many(&pairs);
                self.set_many(&pairs);
                Reply::OK
            }
            Op::Expire { key, after } => self.expire(key, after, now, batch),
            Op::Ttl(key) => Reply::Integer(self.ttl(&key, now)),
            Op::Keys(pattern) => {
                let glob = Glob::new(&pattern);
                let keys = self.table.live_keys(now).filter(|key| glob.matches(key));
                Reply::Array(keys.cloned().map(Reply::Bulk).collect())
            }
            Op::DbSize => Reply::count(self.len(now)),
            Op::FlushAll => {
                self.table.clear();
                batch.flush();
                Reply::OK
            }
            Op::Panic(key) => panic!("asked to by DEBUG PANIC '{}'", key.escape_ascii()),
        }
    }

    /// Does what a record of the log says.
    pub fn restore(&mut self, record: Record) {
        match record {
            Record::Set { key, value, expires } => self.table.insert(&key, &value, expires),
            Record::SetMany(pairs) => self.set_many(&pairs),
            Record::Delete(keys) => {
                for key in &keys {
                    self.table.remove(key);
                }
            }
            Record::ExpireAt { key, at } => {
                self.table.expire(&key, at);
            }
            Record::Clear => self.table.clear(),
        }
    }

    /// Frees up to `budget` expired keys; counts them. Less than `budget` means that none is left.
    pub fn sweep(&mut self, now: Timestamp, budget: usize) -> usize {
        self.table.sweep(now, budget)
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self, now: Timestamp) -> usize {
        self.table.live_len(now)
    }

    /// The keys and values, and when they expire.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    fn value(&self, key: &[u8], now: Timestamp) -> Option<Bytes> {
        self.table.live(key, now).map(|entry| entry.value.clone())
    }

    fn set(
        &mut self,
        key: &[u8],
        value: &[u8],
        ttl: Option<Duration>,
        condition: Option<Condition>,
        now: Timestamp,
        batch: &mut Batch,
    ) -> Reply {
        if let Some(condition) = condition {
            let present = self.table.live(key, now).is_some();
            if present != (condition == Condition::Present) {
                return Reply::Null;
            }
        }
        let expires = ttl.map(|ttl| now.after(ttl));
        self.table.insert(key, value, expires);
        batch.set(key, value, expires);
        Reply::OK
    }

    fn set_many(&mut self, pairs: &[(Bytes, Bytes)]) {
        for (key, value) in pairs {
            self.table.insert(key, value, None);
        }
    }

    fn delete(&mut self, mut keys: Vec<Bytes>, now: Timestamp, batch: &mut Batch) -> Reply {
        keys.retain(|key| {
            let live = self.table.live(key, now).is_some();
            self.table.remove(key);
            live
        });
        if !keys.is_empty() {
            batch.delete(&keys);
        }
        Reply::count(keys.len())
    }

    fn increment(&mut self, key: &[u8], delta: i64, now: Timestamp, batch: &mut Batch) -> Reply {
        let (old, expires) = match self.table.live(key, now) {
            None => (0, None),
            Some(entry) => match parse_integer(&entry.value) {
                Some(old) => (old, entry.expires),
                None => return Reply::error("ERR value is not an integer or out of range"),
            },
        };
        let Some(sum) = old.checked_add(delta) else {
            return Reply::error("ERR increment or decrement would overflow");
        };
        let mut digits = itoa::Buffer::new();
        let value = digits.format(sum).as_bytes();
        self.table.insert(key, value, expires);
        batch.set(key, value, expires);
        Reply::Integer(sum)
    }

    fn expire(&mut self, key: Bytes, after: Duration, now: Timestamp, batch: &mut Batch) -> Reply {
        if after.is_zero() {
            return self.delete(vec![key], now, batch);
        }
        if self.table.live(&key, now).is_none() {
            return Reply::Integer(0);
        }
        let at = now.after(after);
        self.table.expire(&key, at);
        batch.expire_at(&key, at);
        Reply::Integer(1)
    }

    fn ttl(&self, key: &[u8], now: Timestamp) -> i64 {
        match self.table.live(key, now).map(|entry| entry.expires) {
            None => -2,
            Some(None) => -1,
            Some(Some(expires)) => {
                let left = expires.since(now) + Duration::from_millis(500);
                i64::try_from(left.as_secs()).unwrap_or(i64::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests;
