use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::task::Waker;

use super::awaited::Awaited;
use super::error::NameError;
use crate::label::Label;
use crate::process::{AnyProcess, Belonging, Belongings, End, Pid};
use crate::sync::{Mutex, wake};

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

/// The name registry of a system.
#[derive(Default)]
pub(crate) struct Names {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    holders: HashMap<Label, Arc<dyn AnyProcess>>,
    awaited: Awaited,
}

impl Names {
    pub(crate) fn register(&self, name: Label, process: &Arc<dyn AnyProcess>) -> Result<(), NameError> {
        let pid = process.header().pid;
        // The process's lock always comes first: the end of a process takes the two in this order too.
        let mut relations = process.header().relations.lock();
        let Some(alive) = relations.alive() else { return Err(NameError::NoProc { name, pid }) };
        let mut known = self.known.lock();
        let Known { holders, awaited } = &mut *known;
        let waiting = match holders.entry(name.clone()) {
            Entry::Occupied(entry) => return Err(NameError::Taken { name, holder: entry.get().header().pid }),
            Entry::Vacant(entry) => match alive.name() {
                Some(has) => return Err(NameError::AlreadyNamed { name, pid, has: has.clone() }),
                None => {
                    entry.insert(process.clone());
                    let waiting = awaited.take(&name);
                    alive.keep(Box::new(Registered(name)));
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
        self.known.lock().awaited.add(name, waker)
    }

    pub(crate) fn unwatch(&self, name: &Label, number: u64) {
        let waker = self.known.lock().awaited.remove(name, number);
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
        let holders = &mut self.known.lock().holders;
        let holds = holders.get(name).is_some_and(|holder| holder.header().pid == pid);
        if holds { holders.remove(name) } else { None }
    }

    pub(crate) fn find(&self, name: &Label) -> Option<Arc<dyn AnyProcess>> {
        self.known.lock().holders.get(name).cloned()
    }

    /// Lists all names with their holders, sorted.
    pub(crate) fn all(&self) -> Vec<(Label, Pid)> {
        let mut all: Vec<_> =
            self.known.lock().holders.iter().map(|(name, holder)| (name.clone(), holder.header().pid)).collect();
        all.sort();
        all
    }
}
