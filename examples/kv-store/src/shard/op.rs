//! What a shard can be asked.

use std::time::Duration;

use bytes::Bytes;

/// An operation on one shard.
///
/// Those that take several keys expect that all of them belong to the shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The value of a key.
    Get(Bytes),
    /// Sets a key, and forgets when it was to expire.
    Set {
        /// The key.
        key: Bytes,
        /// Its new value.
        value: Bytes,
        /// Expires this long from now; above zero.
        ttl: Option<Duration>,
        /// Does nothing and answers null unless this holds.
        condition: Option<Condition>,
    },
    /// Deletes keys and counts those that were there.
    Del(Vec<Bytes>),
    /// Counts the keys that are there, a repeated one as often as it is named.
    Exists(Vec<Bytes>),
    /// Adds to an integer, where no value is 0; keeps when it expires.
    IncrBy {
        /// The key.
        key: Bytes,
        /// What to add.
        delta: i64,
    },
    /// The values of keys.
    MGet(Vec<Bytes>),
    /// Sets keys, in order, all or none.
    MSet(Vec<(Bytes, Bytes)>),
    /// Lets a key expire; no time at all deletes it.
    Expire {
        /// The key.
        key: Bytes,
        /// How long it has left.
        after: Duration,
    },
    /// Seconds a key has left, rounded; -1 if it does not expire, -2 if it is not there.
    Ttl(Bytes),
    /// The keys that match a pattern, in no order.
    Keys(Bytes),
    /// The number of keys.
    DbSize,
    /// Deletes all keys.
    FlushAll,
    /// Crashes the shard, to show what happens then.
    Panic(Bytes),
}

/// When `SET` sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Only if the key is not there: `NX`.
    Absent,
    /// Only if the key is there: `XX`.
    Present,
}
