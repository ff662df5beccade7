use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::Pid;

/// The processes that a process is linked to. Most have one link, to their supervisor, which needs no heap.
#[derive(Default)]
pub(crate) enum Links {
    #[default]
    None,
    One(Pid),
    /// Boxed, for a set takes five words, and most processes have none.
    Many(Box<Set>),
}

/// Not in order: a supervisor changes the set at each start and each stop, and needs an order only at its end. Another node
/// chooses the numbers of its pids, so it must not know how they are hashed.
type Set = HashSet<Pid, RandomState>;

/// Up to this capacity a set is left as it is when links are removed: a supervisor may be about to restart all its children.
const SMALL: usize = 2048;

impl Links {
    pub(crate) fn insert(&mut self, pid: Pid) {
        match self {
            Links::None => *self = Links::One(pid),
            Links::One(first) if *first == pid => {}
            Links::One(first) => *self = Links::Many(Box::new(Set::from_iter([*first, pid]))),
            Links::Many(all) => drop(all.insert(pid)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Links::None)
    }

    /// Returns true if the link was there.
    pub(crate) fn remove(&mut self, pid: Pid) -> bool {
        match self {
            Links::One(first) if *first == pid => {
                *self = Links::None;
                true
            }
            Links::None | Links::One(_) => false,
            Links::Many(all) => {
                let removed = all.remove(&pid);
                if all.capacity() > SMALL && all.len() < all.capacity() / 8 {
                    all.shrink_to(all.capacity() / 4);
                }
                removed
            }
        }
    }

    pub(crate) fn contains(&self, pid: Pid) -> bool {
        match self {
            Links::None => false,
            Links::One(one) => *one == pid,
            Links::Many(all) => all.contains(&pid),
        }
    }

    /// Passes the links to `act`, by node and age.
    pub(crate) fn for_each(&self, act: impl FnMut(Pid)) {
        match self {
            Links::None => {}
            Links::One(pid) => std::iter::once(*pid).for_each(act),
            Links::Many(all) => {
                let mut all: Vec<Pid> = all.iter().copied().collect();
                all.sort_unstable();
                all.into_iter().for_each(act);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn links_are_a_set_in_order(steps in prop::collection::vec((any::<bool>(), 2..6_u64), 0..40)) {
            let mut links = Links::default();
            let mut expected = BTreeSet::new();
            for (insert, id) in steps {
                let pid = Pid::local(id);
                if insert {
                    links.insert(pid);
                    expected.insert(pid);
                } else {
                    prop_assert_eq!(links.remove(pid), expected.remove(&pid));
                }
                let mut all = Vec::new();
                links.for_each(|pid| all.push(pid));
                prop_assert!(all.iter().eq(&expected));
                prop_assert!((2..6).map(Pid::local).all(|pid| links.contains(pid) == expected.contains(&pid)));
            }
        }
    }

    #[test]
    fn the_memory_of_many_links_is_freed_when_they_are_removed() {
        let mut links = Links::default();
        let pids: Vec<Pid> = (2..100_000).map(Pid::local).collect();
        pids.iter().for_each(|pid| links.insert(*pid));
        assert!(pids.iter().rev().all(|pid| links.remove(*pid)));
        let Links::Many(set) = &links else { panic!("it stays a set") };
        assert!(set.is_empty() && set.capacity() <= 2 * SMALL, "{}", set.capacity());
    }
}
