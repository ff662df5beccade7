use std::collections::BTreeMap;
use std::time::Duration;

use otp::prelude::*;

use crate::counts::Counts;

/// A node's copies of shards: of those that it is responsible for, and of others. It forgets nothing while the node runs.
pub(crate) struct Copies {
    shards: BTreeMap<usize, Counts>,
    /// Nobody else counts in this life.
    life: u64,
}

#[gen_server(remote)]
impl Copies {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        Copies { shards: BTreeMap::new(), life: ctx.system().random() }
    }

    /// Counts, for a shard of this node; the answer is what its second node has to know.
    #[call]
    fn add(&mut self, shard: usize, key: String, by: u64) -> Counts {
        self.shards.entry(shard).or_default().add(&key, self.life, by)
    }

    /// Takes over what another node knows.
    #[call]
    fn merge(&mut self, shard: usize, counts: Counts) {
        self.shards.entry(shard).or_default().merge(counts);
    }

    /// What this node knows of a shard.
    #[call]
    fn known(&mut self, shard: usize) -> Counts {
        self.shards.get(&shard).cloned().unwrap_or_default()
    }

    #[call]
    fn count(&mut self, shard: usize, key: String) -> u64 {
        self.shards.get(&shard).map_or(0, |counts| counts.get(&key))
    }
}

pub(crate) const COPIES: ServerName<Copies> = ServerName::new("copies");

/// How long the copies of another node may take to answer.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);
