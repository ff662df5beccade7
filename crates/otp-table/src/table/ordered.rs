use std::borrow::Borrow;

use super::gone::Gone;
use super::handle::Table;
use super::right::Right;
use crate::rows::{OrderedRows, Row, after, before};

/// The order of an ordered set. Each step is a look-up of its own: a walk over all keys as they are at one moment is
/// [`keys`](Table::keys).
impl<K, V, R> Table<OrderedRows<K, V>, R>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    R: Right,
{
    /// Returns the first key; `None` if there are no rows.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn first(&self) -> Result<Option<K>, Gone> {
        self.shared.with(|rows| rows.0.now().first().map(|(row, ())| row.key().clone()))
    }

    /// Returns the last key; `None` if there are no rows.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn last(&self) -> Result<Option<K>, Gone> {
        self.shared.with(|rows| rows.0.now().last().map(|(row, ())| row.key().clone()))
    }

    /// Returns the first key behind this one, which need not be there; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn next<Q>(&self, key: &Q) -> Result<Option<K>, Gone>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.shared.with(|rows| after(&rows.0.now(), key).map(Row::key).cloned())
    }

    /// Returns the last key before this one, which need not be there; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Gone`] if the table has ended.
    pub fn prev<Q>(&self, key: &Q) -> Result<Option<K>, Gone>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.shared.with(|rows| before(&rows.0.now(), key).map(Row::key).cloned())
    }
}
