use std::collections::HashMap;

use super::bunch::Bunch;
use super::hash::NumberHash;
use super::record::{Place, Shared};

/// The entries of one process. Mostly it is one, which takes no memory of its own.
///
/// It lies under a lock, and drops no entry: what it removes, it gives out.
pub(super) enum Own<K, M, V> {
    /// One at most.
    Few(Bunch<K, M, V>),
    /// By the hashes of their keys.
    #[expect(clippy::box_collection, reason = "a map takes four words, and most processes have none")]
    Many(Box<HashMap<u64, Bunch<K, M, V>, NumberHash>>),
}

impl<K, M, V> Own<K, M, V> {
    pub(super) fn add(&mut self, record: Shared<K, M, V>) {
        match self {
            Own::Few(none @ Bunch::None) => none.add(record),
            Own::Few(one) => {
                let (first, mut all) = (std::mem::take(one), Box::<HashMap<_, Bunch<K, M, V>, _>>::default());
                first.into_iter().chain([record]).for_each(|one| all.entry(one.place.hash).or_default().add(one));
                *self = Own::Many(all);
            }
            Own::Many(all) => all.entry(record.place.hash).or_default().add(record),
        }
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Shared<K, M, V>> {
        let removed = self.with_mut(place.hash)?.remove(place)?;
        if let Own::Many(all) = self
            && all.get(&place.hash).is_some_and(Bunch::is_empty)
        {
            all.remove(&place.hash);
        }
        Some(removed)
    }

    /// Puts `new` in the place of `old`, if that is there; gives out what is there no longer, or else `new`.
    pub(super) fn replace(
        &mut self,
        old: &Shared<K, M, V>,
        new: Shared<K, M, V>,
    ) -> Result<Shared<K, M, V>, Shared<K, M, V>> {
        match self.with_mut(old.place.hash) {
            Some(bunch) => bunch.replace(old, new),
            None => Err(new),
        }
    }

    /// All of them, in no order.
    pub(super) fn all(&self) -> Vec<Shared<K, M, V>> {
        match self {
            Own::Few(few) => few.all(),
            Own::Many(all) => all.values().flat_map(Bunch::all).collect(),
        }
    }

    /// All of them, in no order.
    pub(super) fn into_all(self) -> Vec<Shared<K, M, V>> {
        match self {
            Own::Few(few) => few.into_iter().collect(),
            Own::Many(all) => all.into_values().flatten().collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Own::Few(few) => few.is_empty(),
            Own::Many(all) => all.is_empty(),
        }
    }

    /// Those whose keys have this hash, in the order in which they were registered.
    pub(super) fn with_hash(&self, hash: u64) -> Vec<Shared<K, M, V>> {
        let bunch = match self {
            Own::Few(few) => Some(few),
            Own::Many(all) => all.get(&hash),
        };
        let mut records = bunch.map(Bunch::all).unwrap_or_default();
        records.retain(|record| record.place.hash == hash);
        records
    }

    fn with_mut(&mut self, hash: u64) -> Option<&mut Bunch<K, M, V>> {
        match self {
            Own::Few(few) => Some(few),
            Own::Many(all) => all.get_mut(&hash),
        }
    }
}

impl<K, M, V> Default for Own<K, M, V> {
    fn default() -> Own<K, M, V> {
        Own::Few(Bunch::None)
    }
}
