use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use otp_core::runtime::{Job, Runtime};
use otp_core::{Label, Pid, System};

use super::gone::{Ending, Gone};
use super::handle::TableId;
use super::right::Access;
use crate::owner::{Ownership, Tables};
use crate::rows::{Store, quietly};

/// What all handles of a table share.
pub(crate) struct Shared<S: Store> {
    pub(crate) id: TableId,
    pub(crate) system: System,
    pub(crate) access: Access,
    /// `None` once the table has ended. A reader keeps the rows until it is done with them.
    rows: ArcSwapOption<Stored<S>>,
    /// Who has the table. No code of users runs under the lock.
    ownership: Mutex<Ownership<S>>,
}

/// The rows of a table. They are dropped by whoever is the last to see them, and elsewhere if they are many.
struct Stored<S: Store> {
    rows: Option<S>,
    runtime: Arc<dyn Runtime>,
}

/// So many rows are dropped within some hundred microseconds.
const FEW: usize = 4096;

impl<S: Store> Shared<S> {
    pub(crate) fn new(system: &System, access: Access, owner: Pid, name: Option<Label>) -> Shared<S> {
        let runtime = system.runtime().clone();
        let stored = Stored { rows: Some(S::empty(runtime.random())), runtime };
        Shared {
            id: TableId(system.make_ref()),
            system: system.clone(),
            access,
            rows: ArcSwapOption::from_pointee(stored),
            ownership: Mutex::new(Ownership::new(owner, name)),
        }
    }

    /// Uses the rows, which stay until that is done, also if the table ends.
    ///
    /// # Errors
    ///
    /// The table has ended.
    #[inline]
    pub(crate) fn with<T>(&self, act: impl FnOnce(&S) -> T) -> Result<T, Gone> {
        let stored = self.rows.load();
        match &*stored {
            Some(stored) => Ok(act(stored.rows.as_ref().expect("they are there until they are dropped"))),
            None => Err(self.gone()),
        }
    }

    /// As [`with`](Shared::with), with what only comes back if the table has ended.
    #[inline]
    pub(crate) fn with_value<V, T>(&self, value: V, act: impl FnOnce(&S, V) -> T) -> Result<T, (Gone, V)> {
        let stored = self.rows.load();
        match &*stored {
            Some(stored) => Ok(act(stored.rows.as_ref().expect("they are there until they are dropped"), value)),
            None => Err((self.gone(), value)),
        }
    }

    pub(crate) fn ownership(&self) -> MutexGuard<'_, Ownership<S>> {
        self.ownership.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    pub(crate) fn gone(&self) -> Gone {
        let ownership = self.ownership();
        Gone { table: self.label(&ownership), how: ownership.ended.unwrap_or(Ending::Deleted) }
    }

    /// What the table is called in errors.
    pub(crate) fn label(&self, ownership: &Ownership<S>) -> Label {
        ownership.name.clone().unwrap_or_else(|| Label::from(self.id.to_string()))
    }

    /// Ends the table; false if it has ended before.
    pub(crate) fn end(&self, how: Ending) -> bool {
        self.end_if(how, |_| true)
    }

    /// Ends the table, if its ownership is such.
    pub(crate) fn end_if(&self, how: Ending, such: impl FnOnce(&Ownership<S>) -> bool) -> bool {
        let mut ownership = self.ownership();
        if ownership.ended.is_some() || !such(&ownership) {
            return false;
        }
        ownership.ended = Some(how);
        let (kept, heir) = (ownership.kept.take(), ownership.heir.take());
        let name = ownership.name.clone();
        drop(ownership);
        let rows = self.rows.swap(None);
        self.system.slot::<Tables>().remove(self.id, name.as_ref());
        // Not told any more: an owner may outlive many tables.
        if let Some(kept) = kept {
            drop(kept.take_back());
        }
        // It has data of users.
        quietly(|| drop(heir));
        drop(rows);
        true
    }
}

impl<S: Store> Drop for Shared<S> {
    fn drop(&mut self) {
        // A system that ends drops what its processes own without telling them.
        self.end(Ending::Deleted);
    }
}

impl<S: Store> Drop for Stored<S> {
    fn drop(&mut self) {
        let Some(rows) = self.rows.take() else { return };
        if rows.len() <= FEW {
            return drop(rows);
        }
        self.runtime.spawn_blocking(Job::new(move || drop(rows)));
    }
}
