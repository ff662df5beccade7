//! An engine and its log, kept in step.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::log::{Log, LogError, Recovery};
use super::op::Op;
use super::record::Batch;
use super::timestamp::Timestamp;
use crate::resp::Reply;

/// One shard: its keys in memory and its log on disk.
///
/// A reply may be given once the operation is committed: [`apply_all`](Self::apply_all) does both,
/// [`apply`](Self::apply) leaves the second to the caller.
///
/// Everything but `apply` and [`sweep`](Self::sweep) blocks on the file system. When one of
/// `open`, `apply_all`, `commit` and `sync_if_due` fails, memory and file may be out of step: drop
/// the store and open it anew, which is what a supervisor does with a shard server that crashes.
#[derive(Debug)]
pub struct Store {
    engine: Engine,
    log: Log,
    batch: Batch,
    options: StoreOptions,
    /// Committed, but not known to be on the disk.
    dirty: bool,
    synced_at: Timestamp,
    /// After a compaction that failed, the length to wait for before the next.
    compact_above: u64,
}

impl Store {
    /// How long [`Fsync::EverySecond`] lets a write wait for the disk.
    const SYNC_EVERY: Duration = Duration::from_secs(1);

    /// Recovers a shard from its log, or creates both.
    ///
    /// Blocks until the log is replayed; see [`Log::open`].
    ///
    /// # Errors
    ///
    /// As [`Log::open`].
    pub fn open(path: impl Into<PathBuf>, options: StoreOptions, now: Timestamp) -> Result<(Self, Recovery), LogError> {
        let mut engine = Engine::new();
        let (log, recovery) = Log::open(path, |record| engine.restore(record))?;
        engine.sweep(now, usize::MAX);
        let store = Self {
            engine,
            log,
            batch: Batch::default(),
            options,
            dirty: false,
            synced_at: now,
            compact_above: options.compact_above,
        };
        Ok((store, recovery))
    }

    /// Does operations in order and commits them with one write.
    ///
    /// # Errors
    ///
    /// None of the operations may be acknowledged then.
    ///
    /// # Panics
    ///
    /// On [`Op::Panic`]; nothing of the batch is committed then.
    pub fn apply_all(&mut self, ops: impl IntoIterator<Item = Op>, now: Timestamp) -> Result<Vec<Reply>, LogError> {
        let replies = ops.into_iter().map(|op| self.apply(op, now)).collect();
        self.commit()?;
        Ok(replies)
    }

    /// Does one operation in memory. Does not block.
    ///
    /// # Panics
    ///
    /// On [`Op::Panic`].
    pub fn apply(&mut self, op: Op, now: Timestamp) -> Reply {
        self.engine.apply(op, now, &mut self.batch)
    }

    /// Writes what operations changed since the last commit; with [`Fsync::Always`], to the disk.
    ///
    /// # Errors
    ///
    /// None of these operations may be acknowledged then.
    pub fn commit(&mut self) -> Result<(), LogError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.log.append(&self.batch)?;
        self.batch.clear();
        match self.options.fsync {
            Fsync::Always => self.log.sync()?,
            Fsync::EverySecond | Fsync::Never => self.dirty = true,
        }
        Ok(())
    }

    /// Frees up to `budget` expired keys; counts them. Does not block.
    pub fn sweep(&mut self, now: Timestamp, budget: usize) -> usize {
        self.engine.sweep(now, budget)
    }

    /// Forces writes to the disk if [`Fsync::EverySecond`] says it is time; returns whether it did.
    ///
    /// # Errors
    ///
    /// Nobody knows then what is on the disk.
    pub fn sync_if_due(&mut self, now: Timestamp) -> Result<bool, LogError> {
        if !self.is_sync_due(now) {
            return Ok(false);
        }
        self.log.sync()?;
        self.dirty = false;
        self.synced_at = now;
        Ok(true)
    }

    /// Rewrites the log if it has become more than twice as long as it need be.
    ///
    /// # Errors
    ///
    /// The store goes on with the log it has, and tries again when that has doubled.
    pub fn compact_if_due(&mut self) -> Result<Option<Compaction>, LogError> {
        self.commit()?;
        if !self.is_compaction_due() {
            return Ok(None);
        }
        let before = self.log.len();
        self.compact_above = before.saturating_mul(2);
        self.log.rewrite(self.engine.table())?;
        self.compact_above = self.options.compact_above;
        self.dirty = false;
        Ok(Some(Compaction { before, after: self.log.len() }))
    }

    /// Whether [`sync_if_due`](Self::sync_if_due) or [`compact_if_due`](Self::compact_if_due) would do anything that
    /// blocks for long.
    #[must_use]
    pub fn is_upkeep_due(&self, now: Timestamp) -> bool {
        self.is_sync_due(now) || self.is_compaction_due()
    }

    /// Commits, forces everything to the disk and closes the log.
    ///
    /// # Errors
    ///
    /// What was not on the disk before may be lost if the machine stops.
    pub fn close(mut self) -> Result<(), LogError> {
        self.commit()?;
        self.log.sync()
    }

    fn is_sync_due(&self, now: Timestamp) -> bool {
        let waited = now < self.synced_at || now.since(self.synced_at) >= Self::SYNC_EVERY;
        self.options.fsync == Fsync::EverySecond && self.dirty && waited
    }

    fn is_compaction_due(&self) -> bool {
        let len = self.log.len();
        len > self.compact_above && len / 2 > self.engine.table().log_len()
    }

    /// The keys.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }
}

/// How a store treats its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// When writes are forced to the disk.
    pub fsync: Fsync,
    /// Length in bytes up to which a log is never compacted.
    pub compact_above: u64,
}

impl Default for StoreOptions {
    /// No forcing; 4 MiB.
    fn default() -> Self {
        Self { fsync: Fsync::default(), compact_above: 4 << 20 }
    }
}

/// When writes are forced to the disk.
///
/// In any case they reach the operating system before the reply, so that nothing acknowledged is
/// lost with the process, and the disk when the store is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fsync {
    /// Before the reply: nothing acknowledged is lost with the machine.
    Always,
    /// Once a second: a second's writes may be lost with the machine.
    #[serde(rename = "everysec")]
    EverySecond,
    /// When the operating system likes.
    #[default]
    Never,
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// Bytes in the log before.
    pub before: u64,
    /// Bytes in the log after.
    pub after: u64,
}

#[cfg(test)]
mod tests;
