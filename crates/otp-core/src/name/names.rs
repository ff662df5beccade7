use std::sync::Arc;
use std::task::Waker;

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::awaited::Awaited;
use super::error::NameError;
use crate::label::Label;
use crate::process::{AnyProcess, Belonging, Belongings, End, Pid};
use crate::sharded::Sharded;
use crate::sync::{RwLock, wake};

/// The registered name of a process, as one of its belongings.
pub(crate) struct Registered(Label);

impl Registered {
    pub(crate) fn name(&self) -> &Label {
        &self.0
    }
}

impl Belonging for Registered {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        drop(end.system.names().free(&self.0, end.pid));
    }
}

/// The name registry of a system, by the hash of the names.
#[derive(Default)]
pub(crate) struct Names {
    /// Look-ups only read, and do not wait for each other.
    shards: Sharded<RwLock<Known>>,
    hasher: RandomState,
}

#[derive(Default)]
struct Known {
    holders: HashTable<Holder>,
    awaited: Awaited,
}

struct Holder {
    name: Label,
    process: Arc<dyn AnyProcess>,
}

impl Names {
    pub(crate) fn register(&self, name: &Label, process: &Arc<dyn AnyProcess>) -> Result<(), NameError> {
        let pid = process.header().pid;
        let hash = self.hash(name);
        // The process's lock always comes first: the end of a process takes the two in this order too.
        let mut relations = process.header().relations.lock();
        let Some(alive) = relations.alive() else { return Err(NameError::NoProc { name: name.clone(), pid }) };
        let mut known = self.shard(hash).write();
        let Known { holders, awaited } = &mut *known;
        let waiting = match holders.entry(hash, |holder| holder.name == *name, |holder| self.hash(&holder.name)) {
            Entry::Occupied(entry) => {
                return Err(NameError::Taken { name: name.clone(), holder: entry.get().pid() });
            }
            Entry::Vacant(entry) => match alive.name() {
                Some(has) => return Err(NameError::AlreadyNamed { name: name.clone(), pid, has: has.clone() }),
                None => {
                    entry.insert(Holder { name: name.clone(), process: process.clone() });
                    let waiting = awaited.take(name);
                    alive.keep(Box::new(Registered(name.clone())));
                    waiting
                }
            },
        };
        drop(known);
        drop(relations);
        waiting.into_iter().flatten().for_each(|(_, waker)| wake(waker));
        Ok(())
    }

    /// Has `waker` woken when somebody is registered under `name`; the number is for [`unwatch`](Names::unwatch).
    pub(crate) fn watch(&self, name: &Label, waker: Waker) -> u64 {
        self.shard(self.hash(name)).write().awaited.add(name, waker)
    }

    pub(crate) fn unwatch(&self, name: &Label, number: u64) {
        let waker = self.shard(self.hash(name)).write().awaited.remove(name, number);
        // Not under the lock: it may be code of users.
        drop(waker);
    }

    pub(crate) fn unregister(&self, name: &Label) -> Result<(), NameError> {
        let not_registered = || NameError::NotRegistered { name: name.clone() };
        let process = self.find(name).ok_or_else(not_registered)?;
        let mut relations = process.header().relations.lock();
        let alive = relations.alive().ok_or_else(not_registered)?;
        if alive.name() != Some(name) {
            return Err(not_registered());
        }
        let registered = alive.belongings().and_then(Belongings::take::<Registered>);
        let holder = self.free(name, process.header().pid);
        drop(relations);
        drop((registered, holder));
        Ok(())
    }

    /// Frees a name, if `pid` holds it, and returns the holder, which must not be dropped under a lock.
    pub(crate) fn free(&self, name: &Label, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        let hash = self.hash(name);
        let mut known = self.shard(hash).write();
        let entry = known.holders.find_entry(hash, |holder| holder.name == *name && holder.pid() == pid);
        entry.ok().map(|entry| entry.remove().0.process)
    }

    pub(crate) fn find(&self, name: &Label) -> Option<Arc<dyn AnyProcess>> {
        let hash = self.hash(name);
        let known = self.shard(hash).read();
        known.holders.find(hash, |holder| holder.name == *name).map(|holder| holder.process.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.all().map(|known| known.read().holders.len()).sum()
    }

    /// Lists all names with their holders, sorted.
    pub(crate) fn all(&self) -> Vec<(Label, Pid)> {
        let listed = |shard: &RwLock<Known>| -> Vec<_> {
            shard.read().holders.iter().map(|holder| (holder.name.clone(), holder.pid())).collect()
        };
        let mut all: Vec<_> = self.shards.all().flat_map(listed).collect();
        all.sort();
        all
    }

    fn hash(&self, name: &Label) -> u64 {
        name.hash_with(&self.hasher)
    }

    /// By other bits of the hash than those by which a table finds the place.
    fn shard(&self, hash: u64) -> &RwLock<Known> {
        self.shards.of(hash >> 32)
    }
}

impl Holder {
    fn pid(&self) -> Pid {
        self.process.header().pid
    }
}
