use std::borrow::Borrow;
use std::sync::Arc;

use super::hashed::Change;
use super::quiet::Quiet;
use super::store::{Find, Kind, OneEach, Store};
use super::tree::{self, Row, Tree, Version};

/// The rows of an [`OrderedSet`](crate::OrderedSet).
pub struct OrderedRows<K, V>(pub(crate) Tree<K, V>);

impl<K, V> Store for OrderedRows<K, V>
where
    K: Ord + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    type Key = K;
    type Value = V;
    const KIND: Kind = Kind::OrderedSet;

    fn empty(_seed: u64) -> OrderedRows<K, V> {
        OrderedRows(Tree::new())
    }

    fn len(&self) -> usize {
        self.0.now().size()
    }

    fn has(&self, key: &K) -> bool {
        self.0.with(key, |_, _| ()).is_some()
    }

    fn each(&self, each: &mut dyn FnMut(&K, &V)) {
        self.0.now().keys().for_each(|row| each(row.key(), row.value()));
    }

    fn remove_where(&self, wanted: &mut dyn FnMut(&K, &V) -> bool) -> usize {
        let version = self.0.now();
        let doomed = version.keys().filter(|row| wanted(row.key(), row.value()));
        doomed.filter(|row| self.remove_row(row)).count()
    }

    fn clear(&self) {
        self.0.change(|version| {
            *version = Version::new_sync();
            Ok(())
        });
    }
}

impl<K, V> OneEach for OrderedRows<K, V>
where
    K: Ord + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn insert(&self, key: K, value: V) {
        self.insert_rows(&[Row::new(key, value)]);
    }

    fn insert_new(&self, key: K, value: V) -> bool {
        self.insert_rows_new(&[Row::new(key, value)])
    }

    fn insert_all(&self, rows: Vec<(K, V)>) {
        let rows: Vec<_> = rows.into_iter().map(|(key, value)| Row::new(key, value)).collect();
        self.insert_rows(&rows);
    }

    fn change<T>(&self, key: K, mut change: impl FnMut(Option<&V>) -> Change<V, T>) -> Option<T> {
        let key = Arc::new(Quiet::new(key));
        self.0.change(|version| match change(tree::find(version, key.get()).map(Row::value)) {
            Change::Put(value) => {
                version.insert_mut(Row::with_key(&key, value), ());
                Ok(None)
            }
            Change::Remove => {
                tree::remove(version, key.get());
                Ok(None)
            }
            Change::Leave(with) => Err(Some(with)),
        })
    }
}

impl<K, V, Q> Find<Q> for OrderedRows<K, V>
where
    K: Ord + Borrow<Q> + Send + Sync + 'static,
    V: Send + Sync + 'static,
    Q: Ord + ?Sized,
{
    #[inline]
    fn with<T>(&self, key: &Q, found: impl FnOnce(&K, &V) -> T) -> Option<T> {
        self.0.with(key, found)
    }

    fn remove_if<T>(&self, key: &Q, mut wanted: impl FnMut(&V) -> bool, removed: impl FnOnce(&V) -> T) -> Option<T> {
        let row = self.0.change(|version| match tree::find(version, key) {
            Some(row) if wanted(row.value()) => {
                let row = row.clone();
                tree::remove(version, key);
                Ok(Some(row))
            }
            _ => Err(None),
        });
        row.map(|row| removed(row.value()))
    }
}

impl<K: Ord, V> OrderedRows<K, V> {
    fn insert_rows(&self, rows: &[Row<K, V>]) {
        self.0.change(|version| {
            rows.iter().for_each(|row| version.insert_mut(row.clone(), ()));
            Ok(())
        });
    }

    /// Inserts all rows, unless there is one with one of their keys; of several rows with the same key the last one.
    pub(crate) fn insert_rows_new(&self, rows: &[Row<K, V>]) -> bool {
        self.0.change(|version| {
            if rows.iter().any(|row| tree::find(version, row.key()).is_some()) {
                return Err(false);
            }
            rows.iter().for_each(|row| version.insert_mut(row.clone(), ()));
            Ok(true)
        })
    }

    /// Removes a row, if it is still there.
    fn remove_row(&self, row: &Row<K, V>) -> bool {
        self.0.change(|version| match tree::find(version, row.key()) {
            Some(found) if found.is(row) => Ok(tree::remove(version, row.key())),
            _ => Err(false),
        })
    }
}
