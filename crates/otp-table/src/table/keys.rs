use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;
use std::vec;

use super::gone::Gone;
use super::shared::Shared;
use crate::rows::Rows;

/// A walk over the keys of a table; see [`Table::keys`](super::Table::keys).
#[must_use = "it walks when it is iterated"]
pub struct Keys<S: Rows> {
    table: Arc<Shared<S>>,
    keys: vec::IntoIter<S::Key>,
}

impl<S: Rows> Keys<S> {
    pub(super) fn new(table: Arc<Shared<S>>, keys: Vec<S::Key>) -> Keys<S> {
        Keys { table, keys: keys.into_iter() }
    }
}

impl<S: Rows> Iterator for Keys<S> {
    type Item = Result<S::Key, Gone>;

    fn next(&mut self) -> Option<Result<S::Key, Gone>> {
        loop {
            let key = self.keys.next()?;
            match self.table.with(|rows| rows.has(&key)) {
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

impl<S: Rows> FusedIterator for Keys<S> {}

impl<S: Rows> fmt::Debug for Keys<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} left)", self.keys.len())
    }
}
