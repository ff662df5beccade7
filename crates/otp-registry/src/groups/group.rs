use std::collections::HashMap;
use std::sync::Arc;

use otp_core::Pid;

use super::discard::Discard;
use super::member::Member;
use super::monitor::Watcher;

/// Where a group is: its number, which no other group of the scope ever has, and the hash of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) hash: u64,
}

/// One group. It exists while it has members, or is monitored.
pub(super) struct Group<K, M> {
    pub(super) number: u64,
    pub(super) key: Arc<K>,
    /// Shared with those who read: a change copies them if somebody does at that moment.
    members: Arc<Vec<Joined<M>>>,
    places: HashMap<Pid, usize>,
    pub(super) watchers: Vec<Arc<Watcher<K, M>>>,
}

/// A member of a group, and how often it has joined.
pub(super) struct Joined<M> {
    pub(super) member: Member<M>,
    pub(super) times: usize,
}

impl<M> Clone for Joined<M> {
    fn clone(&self) -> Joined<M> {
        Joined { member: self.member.clone(), times: self.times }
    }
}

impl<K, M: Send + 'static> Group<K, M> {
    pub(super) fn new(number: u64, key: Arc<K>) -> Group<K, M> {
        Group { number, key, members: Arc::default(), places: HashMap::new(), watchers: Vec::new() }
    }

    pub(super) fn members(&self) -> &Arc<Vec<Joined<M>>> {
        &self.members
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn is_unused(&self) -> bool {
        self.members.is_empty() && self.watchers.is_empty()
    }

    /// Adds a membership; true if the process had none in this group.
    pub(super) fn join(&mut self, member: &Member<M>, discard: &mut Discard) -> bool {
        let at = self.places.get(&member.pid).copied();
        let members = self.members_mut(discard);
        match at {
            Some(at) => members[at].times += 1,
            None => {
                let at = members.len();
                members.push(Joined { member: member.clone(), times: 1 });
                self.places.insert(member.pid, at);
            }
        }
        at.is_none()
    }

    /// Removes one membership; tells the member, and whether it was its last one.
    pub(super) fn leave(&mut self, pid: Pid, discard: &mut Discard) -> Option<(Member<M>, bool)> {
        let at = *self.places.get(&pid)?;
        let joined = &mut self.members_mut(discard)[at];
        if joined.times > 1 {
            joined.times -= 1;
            return Some((joined.member.clone(), false));
        }
        self.remove(pid, discard).map(|joined| (joined.member, true))
    }

    /// Removes all memberships of a process.
    pub(super) fn remove(&mut self, pid: Pid, discard: &mut Discard) -> Option<Joined<M>> {
        let at = self.places.remove(&pid)?;
        let members = self.members_mut(discard);
        let removed = members.swap_remove(at);
        if let Some(moved) = members.get(at) {
            let moved = moved.member.pid;
            self.places.insert(moved, at);
        }
        Some(removed)
    }

    fn members_mut(&mut self, discard: &mut Discard) -> &mut Vec<Joined<M>> {
        if Arc::get_mut(&mut self.members).is_none() {
            let copy = Arc::new(Vec::clone(&self.members));
            // Not dropped here: it may be the last reference by now.
            discard.add(std::mem::replace(&mut self.members, copy));
        }
        Arc::get_mut(&mut self.members).expect("nobody else has the copy")
    }
}

/// All members, each as often as it has joined.
pub(super) fn repeated<M>(members: &[Joined<M>]) -> impl Iterator<Item = &Member<M>> {
    members.iter().flat_map(|joined| std::iter::repeat_n(&joined.member, joined.times))
}
