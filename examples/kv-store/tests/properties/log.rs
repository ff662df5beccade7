//! What holds for a shard that crashes, wherever its log ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use kv_store::shard::{Condition, Entry, Op, Store, StoreOptions, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

type Contents = BTreeMap<Bytes, Entry>;

fn open(path: &Path, now: Timestamp) -> Store {
    let options = StoreOptions { compact_above: 200, ..StoreOptions::default() };
    Store::open(path, options, now).unwrap().0
}

/// What a store holds and would still hold at `now`.
fn contents(store: &Store, now: Timestamp) -> Contents {
    let table = store.engine().table();
    let live = table.live_keys(now);
    live.map(|key| (key.clone(), table.live(key, now).unwrap().clone())).collect()
}

fn key() -> impl Strategy<Value = Bytes> {
    "[a-e]".prop_map(Bytes::from)
}

fn value() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        "[0-9]".prop_map(Bytes::from),
        vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        Just(Bytes::from_static(b"*1\r\n$8\r\nFLUSHALL\r\n")),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    (1_u64..50).prop_map(Duration::from_millis)
}

fn op() -> impl Strategy<Value = Op> {
    let condition = prop_oneof![Just(None), Just(Some(Condition::Absent)), Just(Some(Condition::Present))];
    prop_oneof![
        6 => (key(), value(), prop::option::of(duration()), condition)
            .prop_map(|(key, value, ttl, condition)| Op::Set { key, value, ttl, condition }),
        2 => vec(key(), 1..4).prop_map(Op::Del),
        2 => (key(), any::<i64>()).prop_map(|(key, delta)| Op::IncrBy { key, delta }),
        2 => vec((key(), value()), 1..4).prop_map(Op::MSet),
        2 => (key(), prop_oneof![Just(Duration::ZERO), duration()])
            .prop_map(|(key, after)| Op::Expire { key, after }),
        1 => key().prop_map(Op::Get),
        1 => Just(Op::FlushAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_crash_at_any_byte_recovers_what_was_whole(
        steps in vec((op(), 0_u64..20), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shard.aof");
        let mut store = open(&path, START);
        let mut now = START;
        let mut states = vec![(0, contents(&store, now))];
        for (op, wait) in steps {
            now = now.after(Duration::from_millis(wait));
            store.apply_all([op], now).unwrap();
            states.push((store.log().len(), contents(&store, now)));
        }
        drop(store);

        let bytes = fs::read(&path).unwrap();
        let cut = cut.index(bytes.len() + 1);
        fs::write(&path, &bytes[..cut]).unwrap();
        let (_, mut expected) =
            states.into_iter().rev().find(|(len, _)| *len <= cut as u64).unwrap();
        expected.retain(|_, entry| entry.expires.is_none_or(|expires| now < expires));
        prop_assert_eq!(contents(&open(&path, now), now), expected);
    }

    #[test]
    fn compaction_changes_nothing_that_can_be_seen(
        steps in vec((op(), 0_u64..20, any::<bool>()), 1..60),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shard.aof");
        let mut store = open(&path, START);
        let mut now = START;
        for (op, wait, reopen) in steps {
            now = now.after(Duration::from_millis(wait));
            store.apply_all([op], now).unwrap();
            let before = contents(&store, now);
            store.compact_if_due().unwrap();
            if reopen {
                drop(store);
                store = open(&path, now);
            }
            prop_assert_eq!(contents(&store, now), before);
            prop_assert!(store.log().len() <= 200 + 2 * store.engine().table().log_len() || reopen);
        }
    }

    #[test]
    fn a_damaged_byte_never_panics(
        ops in vec(op(), 1..20),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shard.aof");
        open(&path, START).apply_all(ops, START).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        prop_assume!(!bytes.is_empty());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        fs::write(&path, &bytes).unwrap();
        let _ = Store::open(&path, StoreOptions::default(), START);
    }
}
