use std::collections::HashMap;
use std::hash::Hash;

use otp_core::{MonitorRef, Pid};
use otp_etf as etf;

/// The scopes of other nodes, and who is a member here because of them.
pub(super) struct Others<K>(HashMap<etf::Pid, Other<K>>);

struct Other<K> {
    /// Reports the end of the scope, and of the connection.
    monitor: MonitorRef,
    members: Members<K>,
}

/// The members of groups, each as often as it has joined.
pub(super) type Members<K> = HashMap<K, Vec<Pid>>;

impl<K: Hash + Eq> Others<K> {
    pub(super) fn new() -> Others<K> {
        Others(HashMap::new())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &etf::Pid> {
        self.0.keys()
    }

    pub(super) fn knows(&self, scope: &etf::Pid) -> bool {
        self.0.contains_key(scope)
    }

    /// A scope, which is monitored. A node has one of a name: returns what is known of an earlier one.
    pub(super) fn add(&mut self, scope: etf::Pid, monitor: MonitorRef) -> Option<(MonitorRef, Members<K>)> {
        let before = self.0.keys().find(|known| known.node == scope.node).cloned();
        let before = before.and_then(|before| self.0.remove(&before));
        self.0.insert(scope, Other { monitor, members: Members::new() });
        before.map(|before| (before.monitor, before.members))
    }

    /// The members of a scope that is known.
    pub(super) fn members(&mut self, scope: &etf::Pid) -> Option<&mut Members<K>> {
        Some(&mut self.0.get_mut(scope)?.members)
    }

    /// Forgets the scope that this monitor was for, and returns its members.
    pub(super) fn remove(&mut self, monitor: MonitorRef) -> Option<Members<K>> {
        let scope = self.0.iter().find(|(_, other)| other.monitor == monitor)?.0.clone();
        self.0.remove(&scope).map(|other| other.members)
    }
}

/// How many memberships there are.
pub(super) fn count<K>(members: &Members<K>) -> usize {
    members.values().map(Vec::len).sum()
}

/// Adds memberships.
pub(super) fn join<K: Hash + Eq>(members: &mut Members<K>, group: K, pids: &[Pid]) {
    members.entry(group).or_default().extend(pids);
}

/// Removes memberships, of each process as many as it is named.
pub(super) fn leave<K: Hash + Eq>(members: &mut Members<K>, group: &K, pids: &[Pid]) {
    let Some(joined) = members.get_mut(group) else { return };
    for pid in pids {
        if let Some(at) = joined.iter().position(|joined| joined == pid) {
            joined.swap_remove(at);
        }
    }
    if joined.is_empty() {
        members.remove(group);
    }
}

/// What is in `all` and not in `known`, each as often.
pub(super) fn beyond(all: &[Pid], known: &[Pid]) -> Vec<Pid> {
    let mut left: HashMap<Pid, usize> = HashMap::new();
    known.iter().for_each(|pid| *left.entry(*pid).or_default() += 1);
    let is_beyond = |pid: &&Pid| match left.get_mut(pid) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    };
    all.iter().filter(is_beyond).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    fn pids(numbers: &[u64]) -> Vec<Pid> {
        numbers.iter().map(|number| Pid::here(NonZeroU64::new(*number).unwrap())).collect()
    }

    #[test]
    fn a_process_counts_as_often_as_it_has_joined() {
        assert_eq!(beyond(&pids(&[1, 1, 2, 3]), &pids(&[1, 3, 4])), pids(&[1, 2]));
        let mut members = Members::new();
        join(&mut members, "g", &pids(&[1, 1, 2]));
        leave(&mut members, &"g", &pids(&[1, 3]));
        assert_eq!((count(&members), members["g"].len()), (2, 2));
        leave(&mut members, &"g", &pids(&[1, 2]));
        assert!(members.is_empty());
    }
}
