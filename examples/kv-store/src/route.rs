//! Decides which shards an operation concerns, and makes one reply of theirs.

use bytes::Bytes;

use crate::resp::Reply;
use crate::shard::Op;

/// The shard a key belongs to: the CRC-32 of the key, modulo the number of shards.
///
/// The same on every machine and in every run, because each shard recovers its keys from its own
/// file.
///
/// # Panics
///
/// If `shards` is zero.
#[must_use]
pub fn route(key: &[u8], shards: usize) -> usize {
    crc32fast::hash(key) as usize % shards
}

/// What to ask which shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One shard's reply is the reply.
    One(usize, Op),
    /// Several shards' replies, in the order of the parts, merge into one.
    Many(Vec<(usize, Op)>, Merge),
}

/// Splits an operation by shard.
///
/// A part keeps the order its keys came in. Parts are independent of each other: `MSET` over
/// several shards is as atomic as each part.
///
/// # Panics
///
/// If `shards` is zero.
#[must_use]
pub fn plan(op: Op, shards: usize) -> Plan {
    match op {
        Op::Get(ref key)
        | Op::Set { ref key, .. }
        | Op::IncrBy { ref key, .. }
        | Op::Expire { ref key, .. }
        | Op::Ttl(ref key)
        | Op::Panic(ref key) => Plan::One(route(key, shards), op),
        Op::Del(keys) => split(keys, Bytes::as_ref, shards, Op::Del, |_| Merge::Sum),
        Op::Exists(keys) => split(keys, Bytes::as_ref, shards, Op::Exists, |_| Merge::Sum),
        Op::MGet(keys) => split(keys, Bytes::as_ref, shards, Op::MGet, Merge::Place),
        Op::MSet(pairs) => split(pairs, |(key, _)| key, shards, Op::MSet, |_| Merge::Ok),
        Op::Keys(_) => everywhere(&op, shards, Merge::Join),
        Op::DbSize => everywhere(&op, shards, Merge::Sum),
        Op::FlushAll => everywhere(&op, shards, Merge::Ok),
    }
}

/// How the replies to the parts become one.
///
/// If any part failed, the first error in the order of the parts is the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// All went well: `+OK`.
    Ok,
    /// The sum of the numbers.
    Sum,
    /// The arrays one behind the other.
    Join,
    /// As `Join`, then the i-th element goes to the i-th of these places.
    Place(Vec<usize>),
}

impl Merge {
    /// Merges the replies to the parts, given in the order of the parts.
    #[must_use]
    pub fn merge(self, replies: Vec<Reply>) -> Reply {
        if let Some(error) = replies.iter().find(|reply| matches!(reply, Reply::Error(_))) {
            return error.clone();
        }
        match self {
            Self::Ok => Reply::OK,
            Self::Sum => Reply::Integer(
                replies.iter().map(|reply| if let Reply::Integer(count) = reply { *count } else { 0 }).sum(),
            ),
            Self::Join => Reply::Array(elements(replies).collect()),
            Self::Place(places) => {
                let mut row = vec![Reply::Null; places.len()];
                for (element, place) in elements(replies).zip(places) {
                    row[place] = element;
                }
                Reply::Array(row)
            }
        }
    }
}

fn elements(replies: Vec<Reply>) -> impl Iterator<Item = Reply> {
    replies.into_iter().flat_map(|reply| match reply {
        Reply::Array(elements) => elements,
        other => vec![other],
    })
}

fn split<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> &[u8],
    shards: usize,
    op: impl Fn(Vec<T>) -> Op,
    merge: impl FnOnce(Vec<usize>) -> Merge,
) -> Plan {
    let first = items.first().map_or(0, |item| route(key(item), shards));
    if items.iter().all(|item| route(key(item), shards) == first) {
        return Plan::One(first, op(items));
    }
    let mut buckets: Vec<(Vec<T>, Vec<usize>)> = Vec::new();
    buckets.resize_with(shards, Default::default);
    for (place, item) in items.into_iter().enumerate() {
        let bucket = &mut buckets[route(key(&item), shards)];
        bucket.0.push(item);
        bucket.1.push(place);
    }
    let mut parts = Vec::new();
    let mut places = Vec::new();
    for (shard, (items, mut from)) in buckets.into_iter().enumerate() {
        if !items.is_empty() {
            parts.push((shard, op(items)));
            places.append(&mut from);
        }
    }
    Plan::Many(parts, merge(places))
}

fn everywhere(op: &Op, shards: usize, merge: Merge) -> Plan {
    Plan::Many((0..shards).map(|shard| (shard, op.clone())).collect(), merge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&'static str]) -> Vec<Bytes> {
        names.iter().map(|name| Bytes::from(*name)).collect()
    }

    #[test]
    fn a_key_belongs_to_the_same_shard_in_every_run() {
        assert_eq!(["a", "b", "c", "key:1"].map(|key| route(key.as_bytes(), 4)), [3, 1, 3, 0]);
    }

    #[test]
    fn keys_spread_over_all_shards() {
        let mut counts = [0; 8];
        for number in 0..8000 {
            counts[route(format!("key:{number:012}").as_bytes(), 8)] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }

    #[test]
    fn an_operation_on_one_shard_is_not_split() {
        assert_eq!(plan(Op::Get("a".into()), 4), Plan::One(3, Op::Get("a".into())));
        let both = Op::MGet(keys(&["a", "c"]));
        assert_eq!(plan(both.clone(), 4), Plan::One(3, both));
        assert_eq!(plan(Op::DbSize, 2), Plan::Many(vec![(0, Op::DbSize), (1, Op::DbSize)], Merge::Sum));
    }

    #[test]
    fn values_come_back_in_the_order_of_their_keys() {
        let names = ["a", "b", "c", "d", "e", "f", "a"];
        let Plan::Many(parts, merge) = plan(Op::MGet(keys(&names)), 4) else { panic!() };
        let replies = parts
            .into_iter()
            .map(|(_, op)| match op {
                Op::MGet(keys) => Reply::Array(keys.into_iter().map(Reply::Bulk).collect()),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = keys(&names).into_iter().map(Reply::Bulk).collect();
        assert_eq!(merge.merge(replies), Reply::Array(expected));
    }

    #[test]
    fn pairs_stay_together_and_in_order() {
        let pairs: Vec<(Bytes, Bytes)> = [("a", "1"), ("b", "2"), ("a", "3")].map(|(k, v)| (k.into(), v.into())).into();
        let Plan::Many(parts, merge) = plan(Op::MSet(pairs), 4) else { panic!() };
        assert_eq!(
            parts,
            [
                (1, Op::MSet(vec![("b".into(), "2".into())])),
                (3, Op::MSet(vec![("a".into(), "1".into()), ("a".into(), "3".into())])),
            ]
        );
        assert_eq!(merge.merge(vec![Reply::OK, Reply::OK]), Reply::OK);
    }

    #[test]
    fn counts_are_added_and_an_error_wins() {
        let counts = vec![Reply::Integer(1), Reply::Integer(2)];
        assert_eq!(Merge::Sum.merge(counts), Reply::Integer(3));
        let failed = vec![Reply::Integer(1), Reply::error("ERR down"), Reply::error("ERR later")];
        assert_eq!(Merge::Sum.merge(failed), Reply::error("ERR down"));
        let arrays = vec![Reply::Array(vec![Reply::OK]), Reply::Array(vec![Reply::Null])];
        assert_eq!(Merge::Join.merge(arrays), Reply::Array(vec![Reply::OK, Reply::Null]));
    }
}
