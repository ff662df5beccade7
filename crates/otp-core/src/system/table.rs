use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::process::{AnyProcess, Pid};
use crate::sync::Mutex;

/// The processes of a system, by pid, in shards that lock on their own.
pub(crate) struct Table {
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<u64, Arc<dyn AnyProcess>, BuildHasherDefault<IdHasher>>;

const SHARDS: usize = 16;

impl Table {
    pub(crate) fn insert(&self, process: Arc<dyn AnyProcess>) {
        let id = process.header().pid.id();
        self.shard(id).lock().insert(id, process);
    }

    pub(crate) fn remove(&self, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        self.shard(pid.id()).lock().remove(&pid.id())
    }

    pub(crate) fn find(&self, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        self.shard(pid.id()).lock().get(&pid.id()).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// All pids, sorted.
    pub(crate) fn pids(&self) -> Vec<Pid> {
        let ids = self.shards.iter().flat_map(|shard| shard.lock().keys().copied().collect::<Vec<_>>());
        let mut pids: Vec<Pid> = ids.map(Pid::local).collect();
        pids.sort_unstable();
        pids
    }

    fn shard(&self, id: u64) -> &Mutex<Shard> {
        &self.shards[id as usize % SHARDS]
    }
}

impl Default for Table {
    fn default() -> Table {
        Table { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

/// Pids are counted up, so that spreading their bits is hash enough.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        // Knuth's multiplicative hashing: the golden ratio of 2^64.
        self.0 = id.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }
}
