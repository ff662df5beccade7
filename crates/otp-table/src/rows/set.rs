use std::borrow::Borrow;
use std::hash::Hash;

use super::hashed::{Change, Changed, Hashed};
use super::store::{Find, Kind, OneEach, Store};

/// The rows of a [`Set`](crate::Set).
pub struct SetRows<K, V>(pub(crate) Hashed<K, V>);

impl<K, V> Store for SetRows<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    type Key = K;
    type Value = V;
    const KIND: Kind = Kind::Set;

    fn empty(seed: u64) -> SetRows<K, V> {
        SetRows(Hashed::new(seed))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn has(&self, key: &K) -> bool {
        self.0.with(key, |_, _| ()).is_some()
    }

    fn each(&self, each: &mut dyn FnMut(&K, &V)) {
        self.0.each(each);
    }

    fn remove_where(&self, wanted: &mut dyn FnMut(&K, &V) -> bool) -> usize {
        self.0.remove_where(wanted)
    }

    fn clear(&self) {
        self.0.clear();
    }
}

impl<K, V> OneEach for SetRows<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn insert(&self, key: K, value: V) {
        self.0.insert(key, value);
    }

    fn insert_new(&self, key: K, value: V) -> bool {
        self.0.insert_new(key, value)
    }

    fn change<T>(&self, key: K, mut change: impl FnMut(Option<&V>) -> Change<V, T>) -> Option<T> {
        let changing = |found: Option<(&K, &V)>| change(found.map(|(_, value)| value));
        self.0.change(key, changing, |changed| match changed {
            Changed::Left(with) => Some(with),
            Changed::Put(_) | Changed::Removed => None,
        })
    }
}

impl<K, V, Q> Find<Q> for SetRows<K, V>
where
    K: Hash + Eq + Borrow<Q> + Send + Sync + 'static,
    V: Send + Sync + 'static,
    Q: Hash + Eq + ?Sized,
{
    #[inline]
    fn with<T>(&self, key: &Q, found: impl FnOnce(&K, &V) -> T) -> Option<T> {
        self.0.with(key, found)
    }

    fn remove_if<T>(&self, key: &Q, mut wanted: impl FnMut(&V) -> bool, removed: impl FnOnce(&V) -> T) -> Option<T> {
        self.0.remove_if(key, |_, value| wanted(value), |_, value| removed(value))
    }
}
