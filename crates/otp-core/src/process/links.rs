use std::collections::BTreeSet;

use super::Pid;

/// The processes that a process is linked to, in order. Most have one link, to their supervisor, which needs no heap.
#[derive(Default)]
pub(crate) enum Links {
    #[default]
    None,
    One(Pid),
    #[expect(clippy::box_collection, reason = "a set takes three words, and most processes have none")]
    Many(Box<BTreeSet<Pid>>),
}

impl Links {
    pub(crate) fn insert(&mut self, pid: Pid) {
        match self {
            Links::None => *self = Links::One(pid),
            Links::One(first) if *first == pid => {}
            Links::One(first) => *self = Links::Many(Box::new(BTreeSet::from([*first, pid]))),
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
            Links::Many(all) => all.remove(&pid),
        }
    }

    pub(crate) fn contains(&self, pid: Pid) -> bool {
        match self {
            Links::None => false,
            Links::One(one) => *one == pid,
            Links::Many(all) => all.contains(&pid),
        }
    }

    pub(crate) fn for_each(&self, act: impl FnMut(Pid)) {
        match self {
            Links::None => {}
            Links::One(pid) => std::iter::once(*pid).for_each(act),
            Links::Many(all) => all.iter().copied().for_each(act),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
