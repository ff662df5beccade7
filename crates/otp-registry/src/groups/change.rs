//! What changes the groups of a scope, under its lock.

use std::borrow::Borrow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use otp_core::{Address, Kept, Pid};

use super::discard::Discard;
use super::event::{GroupChange, GroupEvent, GroupMonitor};
use super::group::{Joined, Place};
use super::member::Member;
use super::monitor::{Watched, Watcher};
use super::owner::{Memberships, Monitoring, Owner, Token};
use super::table::{Closed, State, Table};

/// The belongings of processes that may become members. Those that are not needed are detached at the end.
#[derive(Default)]
struct Tokens(HashMap<Pid, (Token, Option<Kept>)>);

impl Drop for Tokens {
    fn drop(&mut self) {
        let kept = self.0.drain().filter_map(|(_, (_, kept))| kept);
        kept.for_each(|kept| drop(kept.take_back()));
    }
}

/// A monitor, and what it found; `None` if its process has ended.
type Monitored<T> = Option<(GroupMonitor, T)>;

/// Groups with their members.
type Groups<K, M> = Vec<(Arc<K>, Arc<Vec<Joined<M>>>)>;

/// What came of joining.
enum Joining {
    /// A process lost its last membership meanwhile, and needs a belonging.
    Again,
    Done {
        is_due: bool,
        joined: bool,
    },
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Table<K, M> {
    /// Adds memberships; false if all of the processes have ended.
    pub(super) fn join<Q>(self: &Arc<Self>, key: &Q, members: &[Member<M>]) -> Result<bool, Closed>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        // Before the lock, and so dropped after it.
        let mut discard = Discard::default();
        let mut tokens = Tokens::default();
        let done = loop {
            self.attach(members, &mut tokens)?;
            let change = |state: &mut State<K, M>, place| state.join(place, members, &mut tokens, &mut discard);
            match self.change(key, Some(&|key: &Q| key.to_owned()), change) {
                Ok(Some(Joining::Done { is_due, joined })) => break Ok((is_due, joined)),
                Ok(_) => {}
                Err(closed) => break Err(closed),
            }
        };
        drop((tokens, discard));
        done.map(|(is_due, joined)| {
            self.poke(is_due);
            joined
        })
    }

    /// Attaches a belonging to each process that has none for this scope.
    fn attach(self: &Arc<Self>, members: &[Member<M>], tokens: &mut Tokens) -> Result<(), Closed> {
        for Member { pid, .. } in members {
            if tokens.0.contains_key(pid) || self.read().owners.contains_key(pid) {
                continue;
            }
            let token = Token::default();
            let belonging = Memberships { table: Arc::downgrade(self), token: token.clone() };
            tokens.0.insert(*pid, (token, self.system.keep(*pid, belonging)));
        }
        if self.read().is_open { Ok(()) } else { Err(Closed) }
    }

    /// Removes memberships; false if there were none.
    pub(super) fn leave<Q>(&self, key: &Q, pids: &[Pid]) -> Result<bool, Closed>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut discard = Discard::default();
        let left = self.change(key, None, |state, place| state.leave(place, pids, &mut discard))?;
        drop(discard);
        self.poke(left.flatten().unwrap_or(false));
        Ok(left.flatten().is_some())
    }

    /// Removes all memberships of a process that has ended.
    pub(super) fn member_ended(&self, pid: Pid, token: &Token) {
        let mut discard = Discard::default();
        let is_due = self.write().member_ended(pid, token, &mut discard);
        drop(discard);
        self.poke(is_due);
    }

    /// Monitors a group, and tells its members; `None` if the process has ended.
    pub(super) fn monitor<Q>(
        self: &Arc<Self>,
        key: &Q,
        owner: Pid,
        to: Address<GroupEvent<K, M>>,
    ) -> Result<Monitored<Arc<Vec<Joined<M>>>>, Closed>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let (monitor, watcher) = self.watcher(to);
        let add = |state: &mut State<K, M>, place| {
            state.monitors.all.insert(monitor, Watched { group: Some(place), kept: None });
            let group = state.group(place)?;
            group.watchers.push(watcher);
            Some(group.members().clone())
        };
        let members = self.change(key, Some(&|key: &Q| key.to_owned()), add)?.flatten().unwrap_or_default();
        Ok(self.own(monitor, owner).then_some((monitor, members)))
    }

    /// Monitors all groups, and tells their members; `None` if the process has ended.
    pub(super) fn monitor_all(
        self: &Arc<Self>,
        owner: Pid,
        to: Address<GroupEvent<K, M>>,
    ) -> Result<Monitored<Groups<K, M>>, Closed> {
        let (monitor, watcher) = self.watcher(to);
        let groups = {
            let mut state = self.write();
            if !state.is_open {
                return Err(Closed);
            }
            state.monitors.all.insert(monitor, Watched { group: None, kept: None });
            state.monitors.of_scope.push(watcher);
            state.in_order().into_iter().map(|group| (group.key.clone(), group.members().clone())).collect()
        };
        Ok(self.own(monitor, owner).then_some((monitor, groups)))
    }

    fn watcher(&self, to: Address<GroupEvent<K, M>>) -> (GroupMonitor, Arc<Watcher<K, M>>) {
        let monitor = GroupMonitor(self.system.make_ref());
        (monitor, Arc::new(Watcher::new(monitor, to)))
    }

    /// Makes a monitor a belonging of the process that gets its messages; false if that has ended.
    fn own(self: &Arc<Self>, monitor: GroupMonitor, owner: Pid) -> bool {
        let kept = self.system.keep(owner, Monitoring { table: Arc::downgrade(self), monitor });
        let is_there = kept.is_some();
        let mut discard = Discard::default();
        let mut state = self.write();
        match state.monitors.all.get_mut(&monitor) {
            Some(watched) => watched.kept = kept,
            // Removed already: its process has ended, or the scope has.
            None => discard.take_back(kept),
        }
        drop(state);
        is_there
    }

    /// Removes a monitor; false if there is no such monitor.
    pub(super) fn demonitor(&self, monitor: GroupMonitor) -> Result<bool, Closed> {
        let mut discard = Discard::default();
        let mut state = self.write();
        if !state.is_open {
            return Err(Closed);
        }
        let Some(watched) = state.monitors.all.remove(&monitor) else { return Ok(false) };
        discard.take_back(watched.kept);
        let watchers = match watched.group {
            Some(place) => state.group(place).map(|group| &mut group.watchers),
            None => Some(&mut state.monitors.of_scope),
        };
        if let Some(watchers) = watchers
            && let Some(at) = watchers.iter().position(|watcher| watcher.monitor == monitor)
        {
            let watcher = watchers.swap_remove(at);
            watcher.removed.store(true, Ordering::Release);
            discard.add(watcher);
        }
        if let Some(place) = watched.group {
            state.prune(place, &mut discard);
        }
        drop(state);
        Ok(true)
    }
}

impl<K: Send + Sync + 'static, M: Send + 'static> State<K, M> {
    fn join(&mut self, place: Place, members: &[Member<M>], tokens: &mut Tokens, discard: &mut Discard) -> Joining {
        let knows = |pid: &Pid| self.owners.contains_key(pid) || tokens.0.contains_key(pid);
        if !members.iter().all(|member| knows(&member.pid)) {
            self.prune(place, discard);
            return Joining::Again;
        }
        let mut joined = Vec::with_capacity(members.len());
        for member in members {
            if let Entry::Vacant(owner) = self.owners.entry(member.pid) {
                match tokens.0.get_mut(&member.pid) {
                    Some((token, kept)) if !token.has_ended() => {
                        let (token, kept) = (token.clone(), kept.take());
                        owner.insert(Owner { token, kept, groups: BTreeSet::new() });
                    }
                    // The process has ended meanwhile.
                    _ => continue,
                }
            }
            let Some(group) = self.group(place) else { continue };
            let is_first = group.join(member, discard);
            if is_first && let Some(owner) = self.owners.get_mut(&member.pid) {
                owner.groups.insert(place);
            }
            joined.push(member.clone());
        }
        if joined.is_empty() {
            self.prune(place, discard);
            return Joining::Done { is_due: false, joined: false };
        }
        Joining::Done { is_due: self.note(place, GroupChange::Joined, joined, 1), joined: true }
    }

    /// Removes memberships; `None` if there were none, otherwise whether the scope must be poked.
    fn leave(&mut self, place: Place, pids: &[Pid], discard: &mut Discard) -> Option<bool> {
        let mut left = Vec::with_capacity(pids.len());
        for pid in pids {
            let Some((member, is_last)) = self.group(place)?.leave(*pid, discard) else { continue };
            left.push(member);
            if is_last && let Some(owner) = self.owners.get_mut(pid) {
                owner.groups.remove(&place);
                if owner.groups.is_empty() {
                    discard.take_back(self.owners.remove(pid).and_then(|owner| owner.kept));
                }
            }
        }
        if left.is_empty() {
            return None;
        }
        discard.add(left.clone());
        let is_due = self.note(place, GroupChange::Left, left, 1);
        self.prune(place, discard);
        Some(is_due)
    }

    /// Removes all memberships of a process, each with a message of its own; tells whether the scope must be poked.
    fn member_ended(&mut self, pid: Pid, token: &Token, discard: &mut Discard) -> bool {
        if !self.owners.get(&pid).is_some_and(|owner| owner.token.is(token)) {
            return false;
        }
        let Some(owner) = self.owners.remove(&pid) else { return false };
        let mut is_due = false;
        for place in owner.groups {
            let Some(removed) = self.group(place).and_then(|group| group.remove(pid, discard)) else { continue };
            let Joined { member, times } = removed;
            discard.add(member.clone());
            is_due |= self.note(place, GroupChange::Left, vec![member], times);
            self.prune(place, discard);
        }
        is_due
    }
}
