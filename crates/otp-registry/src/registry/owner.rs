use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use otp_core::{Belonging, End, Kept, Pid};

use super::dropping::drop_each;
use super::own::Own;
use super::table::Table;

/// A process that has, or had, entries.
pub(super) struct Owner<K, M, V> {
    pub(super) pid: Pid,
    holding: Mutex<Holding<K, M, V>>,
}

/// What a process has in a registry. No user code runs under its lock; it is taken before the locks of the maps.
pub(super) struct Holding<K, M, V> {
    pub(super) records: Own<K, M, V>,
    pub(super) state: State,
    /// The belonging that tells of the process's end, once it is attached.
    kept: Option<Kept>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// The process has ended.
    Ended,
    /// The registry has ended.
    Closed,
}

impl<K, M, V> Owner<K, M, V> {
    pub(super) fn new(pid: Pid) -> Owner<K, M, V> {
        let holding = Holding { records: Own::default(), state: State::Open, kept: None };
        Owner { pid, holding: Mutex::new(holding) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Holding<K, M, V>> {
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_attached(&self) -> bool {
        self.lock().kept.is_some()
    }

    /// Notes the belonging. Two threads that act as the process may each attach one: then the second does nothing.
    pub(super) fn attach(&self, kept: Kept) {
        let stale = self.lock().kept.replace(kept);
        drop(stale);
    }

    /// Takes everything out, for good.
    pub(super) fn end(&self, state: State) -> (Own<K, M, V>, Option<Kept>) {
        let mut holding = self.lock();
        if holding.state == State::Open {
            holding.state = state;
        }
        (std::mem::take(&mut holding.records), holding.kept.take())
    }
}

/// Removes the entries of a process when it ends.
pub(super) struct Leaving<K, M, V> {
    pub(super) table: Weak<Table<K, M, V>>,
    pub(super) owner: Arc<Owner<K, M, V>>,
}

impl<K, M, V> Belonging for Leaving<K, M, V>
where
    K: Send + Sync + 'static,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn owner_ended(self: Box<Self>, _: &End<'_>) {
        let (records, kept) = self.owner.end(State::Ended);
        if let Some(table) = self.table.upgrade() {
            table.forget(&self.owner);
            drop_each(table.remove_all(records));
        }
        drop(kept);
    }
}
