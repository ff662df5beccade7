use std::sync::Arc;

use super::header::AnyProcess;
use super::pid::Pid;
use super::target::Target;
use super::ties::Party;
use crate::exit::ExitReason;
use crate::hash::IdMap;
use crate::node::StandIn;
use crate::sharded::{SHARDS, Sharded};
use crate::sync::Mutex;
use crate::system::System;

/// The processes of a system, by pid.
#[derive(Default)]
pub(crate) struct Table {
    shards: Sharded<Mutex<IdMap<Arc<dyn AnyProcess>>>>,
}

impl Table {
    pub(crate) const SHARDS: usize = SHARDS;

    /// Adds a process, unless it stands for a remote one: these have their own table.
    pub(crate) fn insert(&self, process: Arc<dyn AnyProcess>) {
        let pid = process.header().pid;
        if pid.is_here() {
            self.shards.of(pid.number()).lock().insert(pid.number(), process);
        }
    }

    pub(crate) fn remove(&self, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        if !pid.is_here() {
            return None;
        }
        self.shards.of(pid.number()).lock().remove(&pid.number())
    }

    /// Finds a process that runs here, and is not a stand-in.
    pub(crate) fn find(&self, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        if !pid.is_here() {
            return None;
        }
        self.shards.of(pid.number()).lock().get(&pid.number()).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.all().map(|shard| shard.lock().len()).sum()
    }

    /// Marks each process as watched, or no longer.
    pub(crate) fn set_watched(&self, on: bool) {
        for shard in self.shards.all() {
            shard.lock().values().for_each(|process| process.header().set_watched(on));
        }
    }

    /// Lists the pids of one shard.
    pub(crate) fn pids_in(&self, shard: usize) -> Vec<Pid> {
        self.shards
            .all()
            .nth(shard)
            .map_or_else(Vec::new, |shard| shard.lock().keys().copied().map(Pid::local).collect())
    }

    /// Lists all pids, sorted.
    pub(crate) fn pids(&self) -> Vec<Pid> {
        let ids = self.shards.all().flat_map(|shard| shard.lock().keys().copied().collect::<Vec<_>>());
        let mut pids: Vec<Pid> = ids.map(Pid::local).collect();
        pids.sort_unstable();
        pids
    }
}

impl System {
    /// Finds the process with this pid; otherwise returns the reason why there is none.
    pub(crate) fn party(&self, pid: Pid) -> Result<Arc<dyn Party>, ExitReason> {
        if pid.is_here() {
            self.table().find(pid).map(|process| process as Arc<dyn Party>).ok_or(ExitReason::NoProc)
        } else {
            self.nodes().stand_in(pid).map(StandIn::into_party).ok_or(ExitReason::NoConnection)
        }
    }

    /// Finds the process that the target refers to now, if it runs here.
    pub(crate) fn find(&self, target: &Target) -> Option<Arc<dyn AnyProcess>> {
        match target {
            Target::Pid(pid) => self.table().find(*pid),
            Target::Name(name) => self.names().find(name),
            Target::Route { pid, .. } => self.table().find((*pid)?),
        }
    }
}
