use std::collections::HashMap;
use std::hash::Hash;
use std::iter::repeat_n;

use otp_core::Pid;

/// The members of groups, each as often as it has joined.
#[derive(Clone)]
pub(super) struct Members<K> {
    groups: HashMap<K, HashMap<Pid, usize>>,
    count: usize,
}

impl<K: Hash + Eq> Members<K> {
    pub(super) fn new() -> Members<K> {
        Members { groups: HashMap::new(), count: 0 }
    }

    /// How many memberships there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds memberships.
    pub(super) fn join(&mut self, group: K, pids: &[Pid]) {
        if pids.is_empty() {
            return;
        }
        let group = self.groups.entry(group).or_default();
        pids.iter().for_each(|pid| *group.entry(*pid).or_default() += 1);
        self.count += pids.len();
    }

    /// Removes memberships, of each process as many as it is named; returns those that there were.
    pub(super) fn leave(&mut self, group: &K, pids: &[Pid]) -> Vec<Pid> {
        let Some(members) = self.groups.get_mut(group) else { return Vec::new() };
        let left: Vec<Pid> = pids.iter().filter(|pid| take_one(members, **pid)).copied().collect();
        if members.is_empty() {
            self.groups.remove(group);
        }
        self.count -= left.len();
        left
    }

    /// The groups, each with its members, as often as they have joined.
    pub(super) fn all(&self) -> impl Iterator<Item = (&K, Vec<Pid>)> {
        self.groups
            .iter()
            .map(|(group, members)| (group, members.iter().flat_map(|(pid, times)| repeat_n(*pid, *times)).collect()))
    }

    /// Those of these members of a group that are not members here, each as often.
    pub(super) fn beyond(&self, group: &K, pids: &[Pid]) -> Vec<Pid> {
        let mut known = self.groups.get(group).cloned().unwrap_or_default();
        pids.iter().filter(|pid| !take_one(&mut known, **pid)).copied().collect()
    }
}

/// Removes one membership; false if there is none.
fn take_one(members: &mut HashMap<Pid, usize>, pid: Pid) -> bool {
    match members.get_mut(&pid) {
        Some(times @ 2..) => *times -= 1,
        Some(_) => drop(members.remove(&pid)),
        None => return false,
    }
    true
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
        let mut members = Members::new();
        members.join("g", &pids(&[1, 1, 2]));
        assert_eq!(members.beyond(&"g", &pids(&[1, 1, 1, 2, 3])), pids(&[1, 3]));
        assert_eq!(members.leave(&"g", &pids(&[1, 3, 2, 2])), pids(&[1, 2]));
        assert_eq!((members.count(), members.all().next()), (1, Some((&"g", pids(&[1])))));
        assert_eq!(members.leave(&"g", &pids(&[1])), pids(&[1]));
        assert_eq!((members.count(), members.all().count()), (0, 0));
    }
}
