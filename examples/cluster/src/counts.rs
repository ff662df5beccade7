use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What has been counted under each key: apart for each life of each node that has counted, so that nodes which could not
/// talk to each other may both have counted. A copy never counts down, and of two copies the larger parts are right.
///
/// This is a grow-only counter, a CRDT: copies may be merged in any order, and more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts(BTreeMap<String, BTreeMap<u64, u64>>);

impl Counts {
    /// Counts under a key in this life, and returns all that has been counted under it.
    pub(crate) fn add(&mut self, key: &str, life: u64, by: u64) -> Counts {
        let parts = self.0.entry(key.to_owned()).or_default();
        let part = parts.entry(life).or_default();
        *part = part.saturating_add(by);
        Counts(BTreeMap::from([(key.to_owned(), parts.clone())]))
    }

    /// The count of a key.
    pub(crate) fn get(&self, key: &str) -> u64 {
        self.0.get(key).map_or(0, |parts| parts.values().fold(0, |sum, part| sum.saturating_add(*part)))
    }

    /// Takes over what another copy knows.
    pub(crate) fn merge(&mut self, other: Counts) {
        for (key, parts) in other.0 {
            let known = self.0.entry(key).or_default();
            for (life, part) in parts {
                let known = known.entry(life).or_default();
                *known = part.max(*known);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_have_counted_apart_become_one_in_any_order_and_as_often_as_they_are_merged() {
        let (mut a, mut b) = (Counts::default(), Counts::default());
        a.add("apples", 1, 2);
        let part = a.add("apples", 1, 3);
        a.add("pears", 1, 1);
        b.add("apples", 2, 10);
        assert_eq!(part.get("apples"), 5);
        assert_eq!(part.get("pears"), 0, "only what is under the key");

        let mut merged = a.clone();
        merged.merge(b.clone());
        merged.merge(a.clone());
        merged.merge(part);
        b.merge(a);
        assert_eq!(merged, b);
        assert_eq!((b.get("apples"), b.get("pears"), b.get("plums")), (15, 1, 0));
    }
}
