use std::net::SocketAddr;

use futures::future::join_all;
use otp::runtime::Instant;
use otp::{CallError, DynamicSupervisorRef, ServerName, ServerRef, SupervisorRef, System};

use crate::args::Options;
use crate::connection::Handover;
use crate::resp::Reply;
use crate::shard::{Op, Shard, ShardClient};

/// Where the parts of the tree are found: by name, so that this holds through every restart.
#[derive(Debug)]
pub struct Tree {
    pub(crate) system: System,
    pub(crate) options: Options,
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    pub(crate) started: Instant,
    pub(crate) kv: SupervisorRef,
    pub(crate) store: SupervisorRef,
    pub(crate) connections: DynamicSupervisorRef<Handover>,
    pub(crate) shards: Vec<ServerRef<Shard>>,
}

pub(crate) const KV: &str = "kv";
pub(crate) const STORE: &str = "store";
pub(super) const CONNECTIONS: &str = "connections";

impl Tree {
    pub(crate) fn new(system: &System, options: Options, address: SocketAddr) -> Self {
        Self {
            kv: SupervisorRef::named(system, otp::Name::new(KV)),
            store: SupervisorRef::named(system, otp::Name::new(STORE)),
            connections: DynamicSupervisorRef::named(system, otp::Name::new(CONNECTIONS)),
            shards: (0..options.shards).map(|number| ServerRef::named(system, shard_name(number))).collect(),
            started: system.now(),
            system: system.clone(),
            options,
            address,
        }
    }

    /// Asks shards, each for its batch, all at once, and waits for all of them.
    ///
    /// There is no time limit: a shard that is busy answers later, and one that crashes answers at once. An error
    /// means that the batch was not acknowledged; it was not done either, unless the machine itself was failing. It
    /// is not sent a second time: the client knows best whether doing a thing twice does harm.
    pub(crate) async fn ask(&self, batches: Vec<(usize, Vec<Op>)>) -> Vec<(usize, Result<Vec<Reply>, Reply>)> {
        join_all(batches.into_iter().map(|(shard, ops)| async move {
            let answer = self.shards[shard].apply(ops).no_timeout().await;
            (shard, answer.map_err(|error| refusal(shard, &error)))
        }))
        .await
    }
}

pub(super) fn shard_name(number: usize) -> ServerName<Shard> {
    ServerName::dynamic(format!("shard-{number}"))
}

fn refusal(shard: usize, error: &CallError) -> Reply {
    match error {
        CallError::NoProc(_) | CallError::Exited { .. } => Reply::error(format!("ERR shard {shard} is restarting")),
        other => Reply::error(format!("ERR {other}")),
    }
}
