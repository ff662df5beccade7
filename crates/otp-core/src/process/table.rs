use std::sync::Arc;

use super::header::AnyProcess;
use super::pid::Pid;
use crate::hash::IdMap;
use crate::sync::Mutex;

/// The processes of a system, by pid, in shards that lock on their own.
pub(crate) struct Table {
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = IdMap<Arc<dyn AnyProcess>>;

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
