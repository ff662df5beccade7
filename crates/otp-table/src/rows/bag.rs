use std::collections::HashSet;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpds::VectorSync;

use super::hashed::{Change, Changed, Hashed};
use super::quiet::Quiet;
use super::store::{Kind, Store};

/// The rows of a [`Bag`](crate::Bag) or a [`DuplicateBag`](crate::DuplicateBag).
pub struct BagRows<K, V, B> {
    pub(crate) rows: Hashed<K, Bunch<V>>,
    count: AtomicUsize,
    equal: PhantomData<fn() -> B>,
}

/// The values of one key, in the order in which they were inserted.
pub(crate) type Bunch<V> = VectorSync<Arc<Quiet<V>>>;

/// What a bag does with equal rows: [`Once`] or [`Repeated`].
pub trait Bags: sealed::Sealed + Send + Sync + 'static {
    /// The kind of the table.
    const KIND: Kind;
}

/// Equal rows are stored once, in a [`Bag`](crate::Bag).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Once {}

/// Equal rows are stored as often as they are inserted, in a [`DuplicateBag`](crate::DuplicateBag).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Repeated {}

impl Bags for Once {
    const KIND: Kind = Kind::Bag;
}

impl Bags for Repeated {
    const KIND: Kind = Kind::DuplicateBag;
}

impl<K, V, B> Store for BagRows<K, V, B>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Eq + Send + Sync + 'static,
    B: Bags,
{
    type Key = K;
    type Value = V;
    const KIND: Kind = B::KIND;

    fn empty(seed: u64) -> BagRows<K, V, B> {
        BagRows { rows: Hashed::new(seed), count: AtomicUsize::new(0), equal: PhantomData }
    }

    fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn has(&self, key: &K) -> bool {
        self.rows.with(key, |_, _| ()).is_some()
    }

    fn each(&self, each: &mut dyn FnMut(&K, &V)) {
        self.rows.each(|key, bunch| bunch.iter().for_each(|value| each(key, value.get())));
    }

    fn each_key(&self, each: &mut dyn FnMut(&K)) {
        self.rows.each(|key, _| each(key));
    }

    fn remove_where(&self, wanted: &mut dyn FnMut(&K, &V) -> bool) -> usize {
        let mut removed = 0;
        self.rows.each(|key, bunch| {
            // Decided once for each row, and outside the change, which may be tried several times.
            let doomed: Vec<_> = bunch.iter().filter(|value| wanted(key, value.get())).cloned().collect();
            if !doomed.is_empty() {
                let doomed: HashSet<_> = doomed.iter().map(Arc::as_ptr).collect();
                removed += self.remove_values(key.clone(), |value| doomed.contains(&Arc::as_ptr(value)));
            }
        });
        removed
    }

    fn clear(&self) {
        self.rows.each(|key, _| {
            self.remove_key(key, |_| ());
        });
    }
}

impl<K, V, B> BagRows<K, V, B>
where
    K: Hash + Eq,
{
    /// Changes the values of a key in one step, by a function that may be called several times.
    pub(crate) fn change(&self, key: K, mut change: impl FnMut(&Bunch<V>) -> Option<Bunch<V>>) -> bool {
        let (none, mut before) = (Bunch::new_sync(), 0);
        let changing = |found: Option<(&K, &Bunch<V>)>| {
            let bunch = found.map_or(&none, |(_, bunch)| bunch);
            before = bunch.len();
            match change(bunch) {
                None => Change::Leave(()),
                Some(next) if next.is_empty() => Change::Remove,
                Some(next) => Change::Put(next),
            }
        };
        let after = self.rows.change(key, changing, |changed| match changed {
            Changed::Put(bunch) => Some(bunch.len()),
            Changed::Removed => Some(0),
            Changed::Left(()) => None,
        });
        if let Some(after) = after {
            // Wraps, as a sum of differences that threads add in any order.
            self.count.fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
        }
        after.is_some()
    }

    /// Removes the values of a key that `doomed` accepts; returns their number.
    pub(crate) fn remove_values(&self, key: K, doomed: impl Fn(&Arc<Quiet<V>>) -> bool) -> usize {
        let mut removed = 0;
        self.change(key, |bunch| {
            let mut kept = Bunch::new_sync();
            bunch.iter().filter(|value| !doomed(value)).for_each(|value| kept.push_back_mut(value.clone()));
            removed = bunch.len() - kept.len();
            (removed > 0).then_some(kept)
        });
        removed
    }

    /// Removes all values of a key; `removed` runs on them.
    pub(crate) fn remove_key<Q, T>(&self, key: &Q, removed: impl FnOnce(&Bunch<V>) -> T) -> Option<T>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.rows.remove_if(
            key,
            |_, _| true,
            |_, bunch| {
                self.count.fetch_sub(bunch.len(), Ordering::Relaxed);
                removed(bunch)
            },
        )
    }

    /// Stores the values of several keys together, unless there are values for one of the keys.
    pub(crate) fn insert_all_new(&self, all: std::collections::HashMap<K, Bunch<V>>) -> bool
    where
        K: Clone,
    {
        let rows: usize = all.values().map(|bunch| bunch.len()).sum();
        let inserted = self.rows.insert_all_new(all);
        if inserted {
            self.count.fetch_add(rows, Ordering::Relaxed);
        }
        inserted
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
    impl Sealed for super::Once {}
    impl Sealed for super::Repeated {}
}
