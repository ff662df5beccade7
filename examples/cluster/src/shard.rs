use otp::dist::Cluster;
use otp::prelude::*;
use serde::{Deserialize, Serialize};

use crate::copies::{COPIES, Copies, CopiesClient, LIMIT};
use crate::members::{Members, SHARDS};

/// A shard, on the node that is responsible for it: adds one after the other, each to the copies of two nodes.
pub(crate) struct Shard {
    number: usize,
    cluster: Cluster,
    members: Members,
    /// Those of this node.
    copies: ServerRef<Copies>,
}

/// Why a request has failed. `:alone`, for example, in Elixir.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No other node is there that could have a copy: nothing was added.
    Alone,
    /// The second node has not answered: it may have been added, or will be.
    NotCopied,
    /// The shard has not answered, perhaps because it moves: it may have been added, or will be.
    Unreachable,
}

#[gen_server(remote)]
impl Shard {
    /// Begins with what all nodes know.
    #[init]
    async fn init(number: usize, members: Members, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let cluster = Cluster::of(ctx.system())?;
        let copies = ServerRef::named(ctx.system(), COPIES);
        for node in members.ranked(&cluster, number).iter().filter(|node| *node != cluster.name()) {
            // A node that does not answer now is lost, or will hand over what it knows.
            if let Ok(known) = cluster.server(&COPIES, node)?.known(number).timeout(LIMIT).await {
                copies.merge(number, known).await?;
            }
        }
        Ok(Shard { number, cluster, members, copies })
    }

    /// Adds, and answers with the count when two nodes know it.
    #[call]
    async fn add(&mut self, key: String, by: u64) -> Result<u64, Refusal> {
        let ranked = self.members.ranked(&self.cluster, self.number);
        let second = ranked.iter().find(|node| *node != self.cluster.name()).ok_or(Refusal::Alone)?;
        let second = self.cluster.server(&COPIES, second).expect("a member is a node");
        let added = self.copies.add(self.number, key.clone(), by).await.map_err(|_| Refusal::Unreachable)?;
        let count = added.get(&key);
        let copied = second.merge(self.number, added).timeout(LIMIT).await;
        copied.map(|()| count).map_err(|_| Refusal::NotCopied)
    }

    /// The count of a key, as this node knows it.
    #[call]
    async fn count(&mut self, key: String) -> Result<u64, Refusal> {
        self.copies.count(self.number, key).await.map_err(|_| Refusal::Unreachable)
    }
}

/// The name of a shard, on the node that is responsible for it.
pub(crate) static NAMES: [ServerName<Shard>; SHARDS] = [
    ServerName::new("shard_0"),
    ServerName::new("shard_1"),
    ServerName::new("shard_2"),
    ServerName::new("shard_3"),
    ServerName::new("shard_4"),
    ServerName::new("shard_5"),
    ServerName::new("shard_6"),
    ServerName::new("shard_7"),
];
