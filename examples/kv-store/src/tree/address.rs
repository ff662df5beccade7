use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use otp::gen_server::{ServerName, ServerRef};
use otp::health::{Check, Health};
use otp::runtime::Instant;
use otp::runtime::net::{NetAddr, Stream};
use otp::supervisor::{SupervisorName, SupervisorRef};
use otp::{ProcessRef, System};

use crate::options::Options;
use crate::resp::Reply;
use crate::shard::{Op, Shard, ShardClient};

/// Where the parts of the tree are found: by name, so that this holds through every restart.
#[derive(Debug)]
pub struct Tree {
    pub(crate) system: System,
    /// Those of the start.
    pub(crate) options: Options,
    /// In milliseconds; it can be changed while the server runs.
    write_timeout: AtomicU64,
    pub(crate) health: Health,
    /// Where the server listens.
    pub(crate) address: NetAddr,
    pub(crate) started: Instant,
    pub(crate) kv: SupervisorRef,
    pub(crate) store: SupervisorRef,
    pub(crate) connections: SupervisorRef<Connections>,
    pub(crate) shards: Vec<ServerRef<Shard>>,
}

/// A connection's process is started for the client's address, and then sent the socket.
pub(crate) type Connections = fn(NetAddr) -> ProcessRef<Stream>;

pub(crate) const KV: SupervisorName = SupervisorName::new("kv");
pub(crate) const STORE: SupervisorName = SupervisorName::new("store");
pub(super) const CONNECTIONS: SupervisorName<Connections> = SupervisorName::new("connections");

impl Tree {
    pub(crate) fn new(system: &System, options: Options, address: NetAddr) -> Self {
        let shards = 0..options.shards.count();
        let live = Health::new().live(Check::nothing_stuck());
        let health = shards.clone().fold(live, |health, number| health.ready(Check::answers(shard_name(number))));
        Self {
            kv: SupervisorRef::named(system, KV),
            store: SupervisorRef::named(system, STORE),
            connections: SupervisorRef::named(system, CONNECTIONS),
            shards: shards.map(|number| ServerRef::named(system, shard_name(number))).collect(),
            write_timeout: AtomicU64::new(0),
            health,
            started: system.now(),
            system: system.clone(),
            options,
            address,
        }
        .with_write_timeout()
    }

    fn with_write_timeout(self) -> Self {
        self.set_write_timeout(self.options.write_timeout());
        self
    }

    /// How long a client may take no reply.
    pub(crate) fn write_timeout(&self) -> Duration {
        Duration::from_millis(self.write_timeout.load(Ordering::Relaxed))
    }

    /// Sets it for all clients, from their next reply on.
    pub(crate) fn set_write_timeout(&self, timeout: Duration) {
        self.write_timeout.store(timeout.as_millis() as u64, Ordering::Relaxed);
    }

    /// Asks shards, each for its batch, all at once, and waits for all of them.
    pub(crate) async fn ask(&self, batches: Vec<(usize, Vec<Op>)>) -> Vec<(usize, Result<Vec<Reply>, Reply>)> {
        join_all(batches.into_iter().map(async |(shard, ops)| (shard, self.ask_one(shard, ops).await))).await
    }

    /// Asks a shard, or its successor.
    ///
    /// There is no time limit on the answer: a shard that is busy answers later, and one that crashes answers at
    /// once. A batch that a crashed shard had not begun goes to its successor, so that a crash is seen by the client
    /// who caused it, and by nobody else. One that had been begun is not sent again: it was not acknowledged, and was
    /// not done either unless the disk failed half-way, but only the client knows whether doing it twice does harm.
    async fn ask_one(&self, shard: usize, ops: Vec<Op>) -> Result<Vec<Reply>, Reply> {
        let answer = self.shards[shard].apply(ops).no_timeout().through_restart(PATIENCE).await;
        answer.map_err(|error| {
            let begun = error.may_have_begun();
            let what = if begun { "crashed while it did this" } else { "is restarting" };
            Reply::error(format!("ERR shard {shard} {what}"))
        })
    }
}

/// How long to wait for the successor of a shard. A shard that recovers has its name already, and batches wait in its
/// mailbox; it has none only for the moment that its supervisor takes to notice.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) fn shard_name(number: usize) -> ServerName<Shard> {
    ServerName::dynamic(format!("shard-{number}"))
}
