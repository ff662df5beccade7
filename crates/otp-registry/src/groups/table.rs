use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use otp_core::{Label, Pid, ProcessRef, System};

use super::discard::Discard;
use super::event::GroupChange;
use super::group::{Group, Joined, Place};
use super::member::Member;
use super::monitor::{Monitors, Notice};
use super::owner::Owner;
use super::scope::ScopeMessage;
use crate::figures::{Figures, ScopeFigures};

/// The groups of a scope. No user code runs under its lock: keys are hashed before, and compared outside, which is tried
/// again if the groups of that hash have changed meanwhile.
pub(super) struct Table<K, M> {
    pub(super) system: System,
    pub(super) label: Label,
    hasher: RandomState,
    state: RwLock<State<K, M>>,
    /// The process of the scope, once it runs.
    pub(super) scope: OnceLock<ProcessRef<ScopeMessage<K, M>>>,
}

pub(super) struct State<K, M> {
    pub(super) is_open: bool,
    count: u64,
    /// By the hashes of their keys.
    groups: HashMap<u64, Vec<Group<K, M>>>,
    pub(super) owners: HashMap<Pid, Owner>,
    pub(super) monitors: Monitors<K, M>,
    /// In the order in which things happened. The process of the scope sends them.
    pub(super) notices: VecDeque<Notice<K, M>>,
}

/// The scope has ended.
pub(super) struct Closed;

impl<K, M> Default for State<K, M> {
    fn default() -> State<K, M> {
        State {
            is_open: false,
            count: 0,
            groups: HashMap::new(),
            owners: HashMap::new(),
            monitors: Monitors::default(),
            notices: VecDeque::new(),
        }
    }
}

impl<K: Send + Sync, M: Send> Figures<ScopeFigures> for Table<K, M> {
    fn figures(&self, pid: Pid) -> ScopeFigures {
        let (groups, members) = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            (state.groups.values().map(Vec::len).sum(), state.owners.len())
        };
        ScopeFigures { pid, label: self.label.clone(), groups, members }
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Table<K, M> {
    pub(super) fn new(system: &System, label: Label) -> Table<K, M> {
        let state = State { is_open: true, ..State::default() };
        Table {
            system: system.clone(),
            label,
            hasher: RandomState::new(),
            state: RwLock::new(state),
            scope: OnceLock::new(),
        }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State<K, M>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State<K, M>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The members of a group; `None` if there is no such group.
    pub(super) fn members<Q>(&self, key: &Q) -> Option<Arc<Vec<Joined<M>>>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let pair = |group: &Group<K, M>| (group.key.clone(), group.members().clone());
        let found: Vec<_> = self.read().groups.get(&hash).into_iter().flatten().map(pair).collect();
        found.into_iter().find(|(its, _)| (**its).borrow() == key).map(|(_, members)| members)
    }

    /// Every group that has members, oldest first.
    pub(super) fn groups(&self) -> Result<Vec<Arc<K>>, Closed> {
        let state = self.read();
        if !state.is_open {
            return Err(Closed);
        }
        Ok(state.in_order().into_iter().map(|group| group.key.clone()).collect())
    }

    /// Changes a group. `make` makes its key, if it is to be made when there is none.
    pub(super) fn change<Q, T>(
        &self,
        key: &Q,
        make: Option<&dyn Fn(&Q) -> K>,
        change: impl FnOnce(&mut State<K, M>, Place) -> T,
    ) -> Result<Option<T>, Closed>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let mut own = None;
        loop {
            let seen: Vec<(u64, Arc<K>)> = {
                let state = self.read();
                if !state.is_open {
                    return Err(Closed);
                }
                state.groups.get(&hash).into_iter().flatten().map(|group| (group.number, group.key.clone())).collect()
            };
            let found = seen.iter().find(|(_, its)| (**its).borrow() == key).map(|(number, _)| *number);
            if found.is_none() && own.is_none() {
                own = make.map(|make| Arc::new(make(key)));
            }
            let mut state = self.write();
            if !state.is_open {
                return Err(Closed);
            }
            let is_there = |number| state.groups.get(&hash).is_some_and(|of| of.iter().any(|its| its.number == number));
            let is_new = |group: &Group<K, M>| seen.iter().all(|(number, _)| *number != group.number);
            let number = match found {
                Some(number) if is_there(number) => number,
                Some(_) => continue,
                None if state.groups.get(&hash).is_some_and(|of| of.iter().any(is_new)) => continue,
                None => match own.take() {
                    Some(key) => state.make(hash, key),
                    None => return Ok(None),
                },
            };
            return Ok(Some(change(&mut state, Place { number, hash })));
        }
    }

    /// Has the process of the scope send what there is to send. Not under the lock.
    pub(super) fn poke(&self, is_due: bool) {
        if let Some(scope) = self.scope.get().filter(|_| is_due) {
            // It fails if the scope has ended, and with it its monitors.
            let _ = scope.try_send(ScopeMessage::new());
        }
    }

    /// Forgets everything, for good: the scope has ended.
    pub(super) fn close(&self) {
        let mut discard = Discard::default();
        let mut state = std::mem::take(&mut *self.write());
        for (_, owner) in state.owners.drain() {
            discard.take_back(owner.kept);
        }
        for (_, watched) in state.monitors.all.drain() {
            discard.take_back(watched.kept);
        }
        state.groups.drain().flat_map(|(_, groups)| groups).for_each(|group| discard.add(group));
        state.monitors.of_scope.drain(..).for_each(|watcher| discard.add(watcher));
        state.notices.drain(..).for_each(|notice| discard.add(notice));
    }
}

impl<K: Send + Sync + 'static, M: Send + 'static> State<K, M> {
    fn make(&mut self, hash: u64, key: Arc<K>) -> u64 {
        self.count += 1;
        self.groups.entry(hash).or_default().push(Group::new(self.count, key));
        self.count
    }

    /// The group at a place, which is there.
    pub(super) fn group(&mut self, place: Place) -> Option<&mut Group<K, M>> {
        self.groups.get_mut(&place.hash)?.iter_mut().find(|group| group.number == place.number)
    }

    pub(super) fn in_order(&self) -> Vec<&Group<K, M>> {
        let mut all: Vec<_> = self.groups.values().flatten().filter(|group| !group.is_empty()).collect();
        all.sort_unstable_by_key(|group| group.number);
        all
    }

    /// Removes a group that nobody needs.
    pub(super) fn prune(&mut self, place: Place, discard: &mut Discard) {
        let Some(of) = self.groups.get_mut(&place.hash) else { return };
        if let Some(at) = of.iter().position(|group| group.number == place.number && group.is_unused()) {
            discard.add(of.swap_remove(at));
        }
        if of.is_empty() {
            self.groups.remove(&place.hash);
        }
    }

    /// Notes a change for those who monitor; true if they were told of everything before, so that the scope must be
    /// [poked](Table::poke).
    pub(super) fn note(&mut self, place: Place, change: GroupChange, members: Vec<Member<M>>, times: usize) -> bool {
        let Some(group) = self.groups.get(&place.hash).into_iter().flatten().find(|its| its.number == place.number)
        else {
            return false;
        };
        let watchers = || group.watchers.iter().chain(&self.monitors.of_scope);
        if watchers().next().is_none() {
            return false;
        }
        let (is_due, members) = (self.notices.is_empty(), Arc::from(members));
        for _ in 0..times {
            self.notices.extend(watchers().map(|watcher| watcher.notice(&group.key, change, &members)));
        }
        is_due
    }
}
