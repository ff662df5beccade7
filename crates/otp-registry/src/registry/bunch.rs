use std::collections::BTreeMap;
use std::collections::btree_map::IntoValues;
use std::iter::{Chain, Flatten};
use std::option::IntoIter;
use std::sync::Arc;

use super::record::{Place, Shared};

/// Entries whose keys have the same hash, in the order in which they were registered. Mostly it is one, which takes no
/// memory of its own.
///
/// It lies under a lock, and drops no entry: what it removes, it gives out.
#[derive(Default)]
pub(super) enum Bunch<K, M, V> {
    #[default]
    None,
    One(Shared<K, M, V>),
    #[expect(clippy::box_collection, reason = "a map takes three words, and most bunches have none")]
    Many(Box<BTreeMap<Place, Shared<K, M, V>>>),
}

impl<K, M, V> Bunch<K, M, V> {
    pub(super) fn add(&mut self, record: Shared<K, M, V>) {
        *self = match std::mem::take(self) {
            Bunch::None => Bunch::One(record),
            Bunch::One(first) => Bunch::Many(Box::new(BTreeMap::from([(first.place, first), (record.place, record)]))),
            Bunch::Many(mut all) => {
                all.insert(record.place, record);
                Bunch::Many(all)
            }
        };
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Shared<K, M, V>> {
        match self {
            Bunch::One(one) if one.place == place => match std::mem::take(self) {
                Bunch::One(one) => Some(one),
                _ => None,
            },
            Bunch::None | Bunch::One(_) => None,
            Bunch::Many(all) => all.remove(&place),
        }
    }

    /// Puts `new` in the place of `old`, if that is there; gives out what is there no longer, or else `new`.
    pub(super) fn replace(
        &mut self,
        old: &Shared<K, M, V>,
        new: Shared<K, M, V>,
    ) -> Result<Shared<K, M, V>, Shared<K, M, V>> {
        let there = match self {
            Bunch::None => None,
            Bunch::One(one) => Some(one),
            Bunch::Many(all) => all.get_mut(&old.place),
        };
        match there.filter(|there| Arc::ptr_eq(there, old)) {
            Some(there) => Ok(std::mem::replace(there, new)),
            None => Err(new),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Bunch::None => true,
            Bunch::One(_) => false,
            Bunch::Many(all) => all.is_empty(),
        }
    }

    /// Whether these are its entries, and all of them.
    pub(super) fn is(&self, seen: &[Shared<K, M, V>]) -> bool {
        match self {
            Bunch::None => seen.is_empty(),
            Bunch::One(one) => matches!(seen, [seen] if Arc::ptr_eq(seen, one)),
            Bunch::Many(all) => {
                all.len() == seen.len() && all.values().zip(seen).all(|(one, seen)| Arc::ptr_eq(one, seen))
            }
        }
    }

    /// All of them, in the order of their places.
    pub(super) fn all(&self) -> Vec<Shared<K, M, V>> {
        match self {
            Bunch::None => Vec::new(),
            Bunch::One(one) => vec![one.clone()],
            Bunch::Many(all) => all.values().cloned().collect(),
        }
    }
}

impl<K, M, V> IntoIterator for Bunch<K, M, V> {
    type Item = Shared<K, M, V>;
    type IntoIter = Chain<IntoIter<Shared<K, M, V>>, Flatten<IntoIter<IntoValues<Place, Shared<K, M, V>>>>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Bunch::None => (None, None),
            Bunch::One(one) => (Some(one), None),
            Bunch::Many(all) => (None, Some(all.into_values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
