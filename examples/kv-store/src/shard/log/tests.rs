use std::thread;

use tempfile::TempDir;

use super::*;

struct Scratch {
    dir: TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("shard.aof")
    }

    fn write(&self, bytes: &[u8]) {
        fs::write(self.path(), bytes).unwrap();
    }

    fn open(&self) -> Result<(Log, Recovery, Vec<Record>), LogError> {
        let mut records = Vec::new();
        let (log, recovery) = Log::open(self.path(), |record| records.push(record))?;
        Ok((log, recovery, records))
    }
}

fn set(key: &'static str) -> Record {
    Record::Set { key: key.into(), value: "1".into(), expires: None }
}

fn sets(keys: &[&str]) -> Batch {
    let mut batch = Batch::default();
    for key in keys {
        batch.set(key.as_bytes(), b"1", None);
    }
    batch
}

#[test]
fn a_new_log_is_empty() {
    let scratch = Scratch::new();
    let (log, recovery, records) = scratch.open().unwrap();
    assert!(log.is_empty() && records.is_empty());
    assert_eq!(recovery, Recovery::default());
}

#[test]
fn what_was_appended_is_replayed_in_order() {
    let scratch = Scratch::new();
    let (mut log, ..) = scratch.open().unwrap();
    log.append(&sets(&["a", "b"])).unwrap();
    log.append(&sets(&["c"])).unwrap();
    log.sync().unwrap();
    let len = log.len();
    drop(log);
    let (log, recovery, records) = scratch.open().unwrap();
    assert_eq!(records, [set("a"), set("b"), set("c")]);
    assert_eq!(recovery, Recovery { records: 3, bytes: len, dropped: 0 });
    assert_eq!(log.len(), len);
}

#[test]
fn a_torn_tail_is_cut_off_and_appending_goes_on_behind_the_last_whole_record() {
    let scratch = Scratch::new();
    let whole = sets(&["a"]).as_bytes().to_vec();
    scratch.write(&[&whole[..], &whole[..10]].concat());
    let (mut log, recovery, records) = scratch.open().unwrap();
    assert_eq!(records, [set("a")]);
    assert_eq!(recovery.dropped, 10);
    log.append(&sets(&["b"])).unwrap();
    drop(log);
    let (_, recovery, records) = scratch.open().unwrap();
    assert_eq!(records, [set("a"), set("b")]);
    assert_eq!(recovery.dropped, 0);
}

#[test]
fn corruption_in_the_middle_is_refused_with_file_and_offset() {
    for junk in [&b"junk\r\n"[..], b"*1\r\n$3\r\nGET\r\n", b"*x\r\n", b"*1\r\n$99999999999\r\n", b"\0\0"] {
        let scratch = Scratch::new();
        let whole = sets(&["a"]).as_bytes().to_vec();
        let bytes = [&whole[..], junk, &whole[..]].concat();
        scratch.write(&bytes);
        let error = scratch.open().unwrap_err();
        let LogError::Corrupt { path, offset, .. } = &error else { panic!("{error:?}") };
        assert_eq!((path, *offset), (&scratch.path(), whole.len() as u64));
        assert!(error.to_string().contains(&format!("corrupt at offset {}", whole.len())));
        assert_eq!(fs::read(scratch.path()).unwrap(), bytes, "the file is left as it is");
    }
}

#[test]
fn records_larger_than_a_chunk_are_read() {
    let scratch = Scratch::new();
    let (mut log, ..) = scratch.open().unwrap();
    let value = vec![b'v'; 3 * Log::CHUNK];
    let mut batch = Batch::default();
    batch.set(b"a", &value, None);
    log.append(&batch).unwrap();
    drop(log);
    let (_, _, records) = scratch.open().unwrap();
    assert_eq!(records, [Record::Set { key: "a".into(), value: value.into(), expires: None }]);
}

#[test]
fn rewriting_leaves_what_is_in_the_table_and_nothing_else() {
    let scratch = Scratch::new();
    let (mut log, ..) = scratch.open().unwrap();
    for _ in 0..100 {
        log.append(&sets(&["a", "b"])).unwrap();
    }
    // What a rewriting left that was interrupted.
    fs::write(beside(&scratch.path(), "new"), b"half").unwrap();
    let mut table = Table::default();
    table.insert(b"a", b"1", None);
    log.rewrite(&table).unwrap();
    assert_eq!(log.len(), table.log_len());
    log.append(&sets(&["c"])).unwrap();
    drop(log);
    let (log, _, records) = scratch.open().unwrap();
    assert_eq!(records, [set("a"), set("c")]);
    assert_eq!(fs::metadata(log.path()).unwrap().len(), log.len());
}

#[test]
fn a_second_owner_waits_for_the_first() {
    let scratch = Scratch::new();
    let (mut first, ..) = scratch.open().unwrap();
    thread::scope(|scope| {
        let second = scope.spawn(|| scratch.open().unwrap().2);
        first.append(&sets(&["a"])).unwrap();
        first.rewrite(&Table::default()).unwrap();
        first.append(&sets(&["b"])).unwrap();
        drop(first);
        assert_eq!(second.join().unwrap(), [set("b")]);
    });
}

#[test]
fn errors_name_the_file() {
    let error = Log::open("/nonexistent/shard.aof", drop).unwrap_err();
    assert_eq!(error.to_string(), "cannot lock '/nonexistent/shard.aof'");
}
