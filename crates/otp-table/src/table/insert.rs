use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::hash::Hash;

use super::gone::Gone;
use super::handle::Table;
use super::right::Writes;
use crate::rows::{OrderedRows, Pair, Row, Rows, SetRows, Single};

impl<S: Single, R: Writes> Table<S, R> {
    /// Inserts a row, in the place of one with this key.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives key and value back, if the table has ended.
    pub fn insert(&self, key: S::Key, value: S::Value) -> Result<(), InsertError<Pair<S>>> {
        self.put((key, value), |rows, (key, value)| rows.insert(key, value))
    }

    /// Inserts a row, unless there is one with this key: then nothing changes, and it returns false.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives key and value back, if the table has ended.
    pub fn insert_new(&self, key: S::Key, value: S::Value) -> Result<bool, InsertError<Pair<S>>> {
        self.put((key, value), |rows, (key, value)| rows.insert_new(key, value))
    }

    /// Inserts several rows, in the place of those with these keys; of two with the same key the last one.
    ///
    /// In an ordered set, readers see all of them or none. In a set they see one row after the other; each is inserted in
    /// one step.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives the rows back, if the table has ended.
    pub fn insert_all(&self, rows: impl IntoIterator<Item = Pair<S>>) -> Result<(), InsertError<Vec<Pair<S>>>> {
        self.put(rows.into_iter().collect(), S::insert_all)
    }
}

impl<K, V, R> Table<SetRows<K, V>, R>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    R: Writes,
{
    /// Inserts several rows, unless there is a row with one of the keys: then nothing changes, and it returns false. Readers
    /// see all of the rows or none. Of two with the same key, the last one is inserted.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives the rows back, if the table has ended.
    pub fn insert_new_all(&self, rows: impl IntoIterator<Item = (K, V)>) -> Result<bool, InsertError<Vec<(K, V)>>> {
        self.put(rows.into_iter().collect(), |set, rows| {
            set.0.insert_all_new(rows.into_iter().collect::<HashMap<_, _>>())
        })
    }
}

impl<K, V, R> Table<OrderedRows<K, V>, R>
where
    K: Ord + Send + Sync + 'static,
    V: Send + Sync + 'static,
    R: Writes,
{
    /// Inserts several rows, unless there is a row with one of the keys: then nothing changes, and it returns false. Readers
    /// see all of the rows or none. Of two with the same key, the last one is inserted.
    ///
    /// # Errors
    ///
    /// [`InsertError`] gives the rows back, if the table has ended.
    pub fn insert_new_all(&self, rows: impl IntoIterator<Item = (K, V)>) -> Result<bool, InsertError<Vec<(K, V)>>> {
        self.put(rows.into_iter().collect(), |set, rows: Vec<(K, V)>| {
            let rows: Vec<_> = rows.into_iter().map(|(key, value)| Row::new(key, value)).collect();
            set.insert_rows_new(&rows)
        })
    }
}

impl<S: Rows, R> Table<S, R> {
    /// Uses the rows with something that comes back if the table has ended.
    #[inline]
    pub(super) fn put<T, U>(&self, rows: T, put: impl FnOnce(&S, T) -> U) -> Result<U, InsertError<T>> {
        self.shared.with_value(rows, put).map_err(|(gone, rows)| InsertError::Gone { gone, rows })
    }
}

/// The error of inserting rows; gives them back.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsertError<T> {
    /// The table has ended.
    Gone {
        /// The table, and how it ended.
        gone: Gone,
        /// What was to be inserted.
        rows: T,
    },
}

impl<T> InsertError<T> {
    /// What was to be inserted.
    pub fn into_rows(self) -> T {
        let InsertError::Gone { rows, .. } = self;
        rows
    }
}

impl<T> fmt::Display for InsertError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InsertError::Gone { gone, .. } = self;
        write!(f, "cannot insert: {gone}")
    }
}

/// Without the rows, which need not be `Debug`.
impl<T> fmt::Debug for InsertError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InsertError::Gone { gone, .. } = self;
        f.debug_tuple("Gone").field(gone).finish()
    }
}

impl<T> Error for InsertError<T> {}

impl<T> From<InsertError<T>> for Gone {
    fn from(error: InsertError<T>) -> Gone {
        let InsertError::Gone { gone, .. } = error;
        gone
    }
}
