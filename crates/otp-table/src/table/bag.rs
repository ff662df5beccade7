use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::gone::Gone;
use super::handle::Table;
use super::insert::InsertError;
use super::right::{Right, Writes};
use crate::rows::{BagRows, Bags, Bunch, Kind, Quiet};

/// Rows by their keys, in a bag and a duplicate bag.
impl<K, V, B, R> Table<BagRows<K, V, B>, R>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Eq + Send + Sync + 'static,
    B: Bags,
    R: Right,
{
    /// Returns copies of the values of a key, in the order in which they were inserted.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn lookup<Q>(&self, key: &Q) -> Result<Vec<V>, Gone>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: Clone,
    {
        self.shared.with(|rows| rows.rows.with(key, |_, bunch| copies(bunch)).unwrap_or_default())
    }

    /// Returns whether there is a row with this key.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn member<Q>(&self, key: &Q) -> Result<bool, Gone>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.shared.with(|rows| rows.rows.with(key, |_, _| ()).is_some())
    }
}

impl<K, V, B, R> Table<BagRows<K, V, B>, R>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Eq + Send + Sync + 'static,
    B: Bags,
    R: Writes,
{
    /// Inserts a row beside others with this key. In a bag nothing changes if there is an equal one.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives key and value back, if the table has ended.
    pub fn insert(&self, key: K, value: V) -> Result<(), InsertError<(K, V)>> {
        self.put((key, value), |rows, (key, value)| insert(rows, key, vec![Arc::new(Quiet::new(value))]))
    }

    /// Inserts several rows: those of one key in one step.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives the rows back, if the table has ended.
    pub fn insert_all(&self, rows: impl IntoIterator<Item = (K, V)>) -> Result<(), InsertError<Vec<(K, V)>>> {
        self.put(rows.into_iter().collect(), |bag, rows| {
            by_key(rows).into_iter().for_each(|(key, values)| insert(bag, key, values));
        })
    }

    /// Inserts a row, unless there is one with this key: then nothing changes, and it returns false.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives key and value back, if the table has ended.
    pub fn insert_new(&self, key: K, value: V) -> Result<bool, InsertError<(K, V)>> {
        self.put((key, value), |bag, (key, value)| {
            let bunch: Bunch<V> = [Arc::new(Quiet::new(value))].into_iter().collect();
            bag.change(key, |before| before.is_empty().then(|| bunch.clone()))
        })
    }

    /// Inserts several rows, unless there is a row with one of the keys: then nothing changes, and it returns false. Readers
    /// see all of the rows or none.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives the rows back, if the table has ended.
    pub fn insert_new_all(&self, rows: impl IntoIterator<Item = (K, V)>) -> Result<bool, InsertError<Vec<(K, V)>>> {
        self.put(rows.into_iter().collect(), |bag, rows| {
            let bunch =
                |values: Vec<_>| values.into_iter().fold(Bunch::new_sync(), |bunch, value| add::<B, V>(bunch, &value));
            bag.insert_all_new(by_key(rows).into_iter().map(|(key, values)| (key, bunch(values))).collect())
        })
    }

    /// Deletes the rows of a key and returns copies of their values, in one step.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn take<Q>(&self, key: &Q) -> Result<Vec<V>, Gone>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: Clone,
    {
        self.shared.with(|rows| rows.remove_key(key, copies).unwrap_or_default())
    }

    /// Deletes the rows of a key, and returns their number.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn delete<Q>(&self, key: &Q) -> Result<usize, Gone>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.shared.with(|rows| rows.remove_key(key, Bunch::len).unwrap_or_default())
    }

    /// Deletes all rows of a key that have this value, and returns their number.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn delete_object(&self, key: K, value: &V) -> Result<usize, Gone> {
        self.shared.with(|rows| rows.remove_values(key, |found| found.get() == value))
    }
}

fn copies<V: Clone>(bunch: &Bunch<V>) -> Vec<V> {
    bunch.iter().map(|value| value.get().clone()).collect()
}

/// Inserts values of one key in one step.
fn insert<K, V, B>(bag: &BagRows<K, V, B>, key: K, values: Vec<Arc<Quiet<V>>>)
where
    K: Hash + Eq,
    V: Eq,
    B: Bags,
{
    bag.change(key, |before| {
        let after = values.iter().fold(before.clone(), |bunch, value| add::<B, V>(bunch, value));
        (after.len() != before.len()).then_some(after)
    });
}

fn add<B: Bags, V: Eq>(mut bunch: Bunch<V>, value: &Arc<Quiet<V>>) -> Bunch<V> {
    let is_there = B::KIND == Kind::Bag && bunch.iter().any(|other| other.get() == value.get());
    if !is_there {
        bunch.push_back_mut(value.clone());
    }
    bunch
}

fn by_key<K: Hash + Eq, V>(rows: Vec<(K, V)>) -> HashMap<K, Vec<Arc<Quiet<V>>>> {
    let mut by_key = HashMap::<_, Vec<_>>::new();
    rows.into_iter().for_each(|(key, value)| by_key.entry(key).or_default().push(Arc::new(Quiet::new(value))));
    by_key
}
