use std::fs;

use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn open(dir: &TempDir, options: StoreOptions) -> Store {
    Store::open(dir.path().join("shard.aof"), options, NOW).unwrap().0
}

fn set(key: &'static str, value: &'static str) -> Op {
    Op::Set { key: key.into(), value: value.into(), ttl: None, condition: None }
}

#[test]
fn what_was_acknowledged_is_there_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions::default());
    let replies = store.apply_all([set("a", "1"), Op::Get("a".into())], NOW).unwrap();
    assert_eq!(replies, [Reply::OK, Reply::Bulk("1".into())]);
    drop(store);
    let mut store = open(&dir, StoreOptions::default());
    assert_eq!(store.apply(Op::Get("a".into()), NOW), Reply::Bulk("1".into()));
}

#[test]
fn nothing_is_written_before_the_commit_and_everything_in_one_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions::default());
    store.apply(set("a", "1"), NOW);
    store.apply(set("b", "2"), NOW);
    assert_eq!(fs::metadata(store.log().path()).unwrap().len(), 0);
    store.commit().unwrap();
    assert_eq!(fs::metadata(store.log().path()).unwrap().len(), store.log().len());
    assert_eq!(store.log().len(), store.engine().table().log_len());
}

#[test]
fn reads_write_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions::default());
    let reads = [Op::Get("a".into()), Op::DbSize, Op::Keys("*".into()), Op::Ttl("a".into())];
    store.apply_all(reads, NOW).unwrap();
    store.apply_all([Op::Del(vec!["a".into()])], NOW).unwrap();
    assert!(store.log().is_empty());
}

#[test]
fn keys_that_expired_in_the_meantime_are_not_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions::default());
    let ttl = Some(Duration::from_secs(10));
    let op = Op::Set { key: "a".into(), value: "1".into(), ttl, condition: None };
    store.apply_all([op, set("b", "2")], NOW).unwrap();
    store.apply_all([Op::Expire { key: "b".into(), after: Duration::from_secs(20) }], NOW).unwrap();
    drop(store);
    let path = dir.path().join("shard.aof");
    let later = NOW.after(Duration::from_secs(10));
    let (mut store, _) = Store::open(path, StoreOptions::default(), later).unwrap();
    assert_eq!(store.apply(Op::Ttl("a".into()), later), Reply::Integer(-2));
    assert_eq!(store.apply(Op::Ttl("b".into()), later), Reply::Integer(10));
}

#[test]
fn a_log_is_compacted_when_more_than_half_of_it_is_history() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions { compact_above: 100, ..StoreOptions::default() });
    store.apply_all([set("a", "1"), set("b", "2")], NOW).unwrap();
    assert_eq!(store.compact_if_due().unwrap(), None);
    for _ in 0..2 {
        store.apply_all([set("a", "1"), set("b", "2")], NOW).unwrap();
    }
    let live = store.engine().table().log_len();
    let compaction = Compaction { before: 3 * live, after: live };
    assert_eq!(store.compact_if_due().unwrap(), Some(compaction));
    assert_eq!(store.compact_if_due().unwrap(), None);
    store.apply_all([set("c", "3")], NOW).unwrap();
    drop(store);
    let store = open(&dir, StoreOptions::default());
    assert_eq!(store.engine().len(NOW), 3);
}

#[test]
fn a_compaction_that_fails_leaves_the_store_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir, StoreOptions { compact_above: 0, ..StoreOptions::default() });
    for _ in 0..3 {
        store.apply_all([set("a", "1")], NOW).unwrap();
    }
    // A directory stands where the new file ought to go.
    let obstacle = dir.path().join("shard.aof.new");
    fs::create_dir(&obstacle).unwrap();
    assert!(store.compact_if_due().is_err());
    assert_eq!(store.compact_if_due().unwrap(), None, "not before the log has doubled");
    for _ in 0..4 {
        store.apply_all([set("a", "1")], NOW).unwrap();
    }
    fs::remove_dir(obstacle).unwrap();
    assert!(store.compact_if_due().unwrap().is_some());
    drop(store);
    assert_eq!(open(&dir, StoreOptions::default()).engine().len(NOW), 1);
}

#[test]
fn writes_are_synced_once_a_second_if_there_are_any() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { fsync: Fsync::EverySecond, ..StoreOptions::default() };
    let mut store = open(&dir, options);
    let later = NOW.after(Duration::from_secs(1));
    assert!(!store.sync_if_due(later).unwrap());
    store.apply_all([set("a", "1")], NOW).unwrap();
    assert!(!store.sync_if_due(NOW).unwrap());
    assert!(store.sync_if_due(later).unwrap());
    assert!(!store.sync_if_due(later.after(Duration::from_secs(1))).unwrap());
    store.close().unwrap();
}
