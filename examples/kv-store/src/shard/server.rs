//! The process that owns a shard.

use std::path::PathBuf;
use std::time::Duration;

use otp::prelude::*;
use otp::scope::BlockingError;

use super::{Fsync, Op, Recovery, Store, StoreOptions};
use crate::clock;
use crate::resp::Reply;

/// The server of one shard: it does what connections ask, one batch after the other.
///
/// Anything that leaves memory and file out of step ends it: a panic, an error of the file system. The supervisor
/// starts it again, and it recovers from the file; callers that waited hear of it at once. Nothing they were told
/// before is lost, since a batch is in the file before its replies are sent.
///
/// Batches are written directly, on the executor's thread: without syncing, a `write` is a copy into the page cache,
/// and to hand it to another thread and back takes several times as long (the README has the figures). What waits for
/// the disk, or takes as long as the file is large, goes to a thread that may block: recovery, syncing, compaction.
/// Meanwhile the batches wait in the mailbox.
#[derive(Debug)]
pub struct Shard {
    /// Away only while a handler waits for a blocking job, which has it.
    store: Option<Store>,
    /// Whether every batch waits for the disk.
    syncs_always: bool,
}

/// How often a shard looks after itself.
const TICK: Duration = Duration::from_millis(100);

/// Expired keys that are freed at a time; if there are more, batches that wait come first.
const SWEEP: usize = 1000;

#[gen_server]
impl Shard {
    #[init]
    async fn init(path: PathBuf, options: StoreOptions, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        // So that `terminate` runs when the supervisor asks it to end.
        ctx.trap_exit(true);
        let open = move || Store::open(path, options, clock::now());
        let (store, recovery) = ctx.system().spawn_blocking(open).await??;
        report(&store, recovery);
        ctx.send_after(TICK, ShardInfo::Tick);
        Ok(Self { store: Some(store), syncs_always: options.fsync == Fsync::Always })
    }

    /// Does the operations in order, writes what they changed to the file, and answers each.
    #[call]
    async fn apply(
        &mut self,
        ops: Vec<Op>,
        from: ReplyTo<Vec<Reply>>,
        ctx: &mut Context<Self>,
    ) -> Result<(), ExitReason> {
        let now = clock::now();
        let replies = if self.syncs_always {
            self.blocking(ctx.system(), move |store| store.apply_all(ops, now)).await??
        } else {
            self.store().apply_all(ops, now)?
        };
        from.reply(replies);
        Ok(())
    }

    /// Frees what has expired; syncs and compacts the file when it is time.
    #[info]
    async fn tick(&mut self, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        let now = clock::now();
        let swept = self.store().sweep(now, SWEEP);
        if self.store().is_upkeep_due(now) {
            self.blocking(ctx.system(), move |store| store.sync_if_due(now).map(|_| compact(store))).await??;
        }
        // Not an interval, whose messages would pile up behind a long compaction.
        ctx.send_after(if swept < SWEEP { TICK } else { Duration::ZERO }, ShardInfo::Tick);
        Ok(())
    }

    /// Closes the file, unless the shard has crashed: then it may hold half of a batch that was never acknowledged.
    #[terminate]
    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        if !reason.is_abnormal()
            && let Some(store) = self.store.take()
        {
            ctx.system().spawn_blocking(move || store.close()).await??;
        }
        Ok(())
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().expect("the store is back when a handler has ended")
    }

    /// Lends the store to a thread that may block. If the job panics, the store is gone, and the error ends the server.
    async fn blocking<T: Send + 'static>(
        &mut self,
        system: &System,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Result<T, BlockingError> {
        let mut store = self.store.take().expect("the store is back when a handler has ended");
        let job = move || {
            let done = work(&mut store);
            (store, done)
        };
        let (store, done) = system.spawn_blocking(job).await?;
        self.store = Some(store);
        Ok(done)
    }
}

/// Compacts the file if it is time. A shard can live with one that fails.
fn compact(store: &mut Store) {
    let path = store.log().path().to_owned();
    match store.compact_if_due() {
        Ok(None) => {}
        Ok(Some(done)) => {
            tracing::info!(path = %path.display(), before = done.before, after = done.after, "compacted a file");
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "could not compact a file"),
    }
}

fn report(store: &Store, recovery: Recovery) {
    let path = store.log().path().display();
    if recovery.dropped > 0 {
        tracing::warn!(%path, bytes = recovery.dropped, "cut off a last record that was not written whole");
    }
    tracing::info!(%path, records = recovery.records, bytes = recovery.bytes, "recovered a shard");
}
