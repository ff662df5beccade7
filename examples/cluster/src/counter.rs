//! What clients call.

use otp::dist::{Cluster, NotANode};
use otp::prelude::*;

use crate::members::{Members, SHARDS, shard_of};
use crate::shard::{NAMES, Shard, ShardClient};

pub use crate::shard::Refusal;

/// Takes the requests of clients to the shards, wherever they are: the same on every node.
pub struct Counter {
    cluster: Cluster,
    members: Members,
}

#[gen_server(remote)]
impl Counter {
    #[init]
    fn init(members: Members, ctx: &mut Context<Self>) -> Result<Self, NotANode> {
        Ok(Counter { cluster: Cluster::of(ctx.system())?, members })
    }

    /// `GenServer.call(counter, {:add, "apples", 1})` is `{:ok, 1}`, or `{:error, :alone}`. An answer of `:ok` says that two
    /// nodes know it.
    #[call]
    fn add(&mut self, key: String, by: u64, from: ReplyTo<Result<u64, Refusal>>, ctx: &mut Context<Self>) {
        let shard = self.shard(&key);
        // Meanwhile others are answered.
        ctx.spawn(async move |_: ProcessContext<()>| {
            from.reply(shard.add(key, by).await.unwrap_or(Err(Refusal::Unreachable)));
        });
    }

    /// `GenServer.call(counter, {:count, "apples"})` is `{:ok, 1}`, or `{:error, :unreachable}`.
    #[call]
    fn count(&mut self, key: String, from: ReplyTo<Result<u64, Refusal>>, ctx: &mut Context<Self>) {
        let shard = self.shard(&key);
        ctx.spawn(async move |_: ProcessContext<()>| {
            from.reply(shard.count(key).await.unwrap_or(Err(Refusal::Unreachable)));
        });
    }

    /// `GenServer.call(counter, :owners)` is the nodes of the shards, from the first one on, as this node sees them.
    #[call]
    fn owners(&mut self) -> Vec<String> {
        (0..SHARDS).map(|shard| self.members.owner(&self.cluster, shard).to_string()).collect()
    }

    fn shard(&self, key: &str) -> ServerRef<Shard> {
        let shard = shard_of(key);
        let owner = self.members.owner(&self.cluster, shard);
        self.cluster.server(&NAMES[shard], &owner).expect("a member is a node")
    }
}

/// The name of the counter, on every node.
pub const COUNTER: ServerName<Counter> = ServerName::new("counter");
