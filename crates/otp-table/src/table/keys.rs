use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;
use std::vec;

use super::gone::Gone;
use super::shared::Shared;
use crate::rows::Store;

/// A walk over the keys of a table; see [`Table::keys`](super::Table::keys).
#[must_use = "it walks when it is iterated"]
pub struct Keys<K> {
    table: Arc<dyn Has<K>>,
    keys: vec::IntoIter<K>,
}

/// A table, whatever it stores for its keys.
trait Has<K>: Send + Sync {
    fn has(&self, key: &K) -> Result<bool, Gone>;
}

impl<S: Store> Has<S::Key> for Shared<S> {
    fn has(&self, key: &S::Key) -> Result<bool, Gone> {
        self.with(|rows| rows.has(key))
    }
}

impl<K> Keys<K> {
    pub(super) fn new<S: Store<Key = K>>(table: Arc<Shared<S>>, keys: Vec<K>) -> Keys<K> {
        Keys { table, keys: keys.into_iter() }
    }
}

impl<K> Iterator for Keys<K> {
    type Item = Result<K, Gone>;

    fn next(&mut self) -> Option<Result<K, Gone>> {
        loop {
            let key = self.keys.next()?;
            match self.table.has(&key) {
                Ok(true) => return Some(Ok(key)),
                Ok(false) => {}
                Err(gone) => {
                    self.keys = Vec::new().into_iter();
                    return Some(Err(gone));
                }
            }
        }
    }
}

impl<K> FusedIterator for Keys<K> {}

impl<K> fmt::Debug for Keys<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} left)", self.keys.len())
    }
}
