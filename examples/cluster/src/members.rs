//! Which node is responsible for what.

use std::sync::Arc;

use otp::dist::{Cluster, NodeName};

/// How many shards there are. All nodes have to agree on it, as on the members.
pub const SHARDS: usize = 8;

/// The nodes that hold shards, whether they run or not. Others, such as clients, may be connected, and hold none.
#[derive(Clone, Debug)]
pub struct Members(Arc<[NodeName]>);

impl Members {
    /// These nodes.
    pub fn new(nodes: impl IntoIterator<Item = NodeName>) -> Members {
        Members(nodes.into_iter().collect())
    }

    /// Those that are not this one.
    pub(crate) fn others<'a>(&'a self, own: &'a NodeName) -> impl Iterator<Item = &'a NodeName> {
        self.0.iter().filter(move |member| *member != own)
    }

    /// The members that this node sees, itself among them, in the order in which they are responsible for a shard: the first
    /// counts, the second one has a copy. When one is lost, the order of the others stays.
    pub(crate) fn ranked(&self, cluster: &Cluster, shard: usize) -> Vec<NodeName> {
        let seen = cluster.nodes().visible;
        let is_there = |member: &&NodeName| *member == cluster.name() || seen.contains(member);
        let mut ranked: Vec<_> = self.0.iter().filter(is_there).cloned().collect();
        ranked.sort_by_cached_key(|member| weight(member, shard));
        ranked
    }

    /// The node that is responsible for a shard, as this node sees it.
    pub(crate) fn owner(&self, cluster: &Cluster, shard: usize) -> NodeName {
        self.ranked(cluster, shard).swap_remove(0)
    }
}

/// The shard of a key.
pub(crate) fn shard_of(key: &str) -> usize {
    (hash(key.bytes()) % SHARDS as u64) as usize
}

/// Rendezvous hashing: each member has a weight for each shard, which depends on nothing else.
fn weight(member: &NodeName, shard: usize) -> u64 {
    hash(member.as_str().bytes().chain(shard.to_be_bytes()))
}

/// FNV-1a, with its bits mixed: the same in each program and on each machine.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spread_over_all_shards() {
        let mut of_shard = [0; SHARDS];
        for number in 0..8_000 {
            of_shard[shard_of(&format!("key {number}"))] += 1;
        }
        assert!(of_shard.iter().all(|keys| (800..1_200).contains(keys)), "{of_shard:?}");
    }

    #[test]
    fn each_node_is_responsible_for_some_shards() {
        let names = ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"].map(|name| name.parse::<NodeName>().unwrap());
        let first = |shard| names.iter().min_by_key(|name| weight(name, shard)).unwrap();
        for name in &names {
            assert!((0..SHARDS).any(|shard| first(shard) == name), "{name}");
        }
    }
}
