use std::any::{Any, TypeId};
use std::sync::Arc;

use super::Pid;
use super::arrival::Arrival;
use super::header::{AnyProcess, Waiter};
use super::relations::Relations;
use crate::exit::ExitReason;
use crate::node::Peer;
use crate::sync::Mutex;
use crate::system::System;

/// The ties of a process to others, wherever it runs: links, monitors, belongings, and futures that wait for its end.
pub(crate) struct Ties {
    pub(crate) pid: Pid,
    /// The process that started it.
    pub(crate) parent: Pid,
    pub(crate) relations: Mutex<Relations>,
    pub(crate) system: System,
}

/// A process, local or remote, as the end of a tie.
pub(crate) trait Party: Send + Sync {
    fn ties(&self) -> &Ties;

    fn side(&self) -> Side<'_>;

    /// The name of the type of its messages.
    fn receives(&self) -> &'static str {
        "what is not known here"
    }

    /// The type of its messages; of a process elsewhere, that is not known.
    fn message_type(&self) -> Option<TypeId> {
        None
    }

    /// Puts a `ProcessRef<M>` into `slot`, if that is an `Option<ProcessRef<M>>` of the right `M`.
    fn typed(self: Arc<Self>, slot: &mut dyn Any) {
        let _ = slot;
    }
}

/// Where a process runs.
pub(crate) enum Side<'a> {
    Here(&'a dyn AnyProcess),
    /// Elsewhere; operations on it go to this peer.
    There(&'a dyn Peer),
}

impl Ties {
    pub(crate) fn new(system: System, pid: Pid, parent: Pid) -> Ties {
        Ties { pid, parent, relations: Mutex::new(Relations::default()), system }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.relations.lock().alive().is_some()
    }

    /// Whether the process may have received the message of this place: false if it has ended, and certainly had not.
    #[cold]
    pub(crate) fn may_have_received(&self, place: Arrival) -> bool {
        match &*self.relations.lock() {
            Relations::Alive(_) => true,
            Relations::Dead(dead) => !place.is_unread(dead.unread()),
        }
    }

    /// Registers `waiter` for the end; returns the reason, if the process has ended and the end has taken full effect.
    pub(crate) fn watch(&self, waiter: Waiter) -> Result<usize, ExitReason> {
        match &mut *self.relations.lock() {
            Relations::Alive(alive) => Ok(alive.waiting.insert(waiter)),
            Relations::Dead(dead) => match dead.waiting() {
                Some(waiting) => Ok(waiting.insert(waiter)),
                None => Err(dead.reason.clone()),
            },
        }
    }

    /// The exit reason, once the end has taken full effect.
    pub(crate) fn reason(&self) -> Option<ExitReason> {
        let mut relations = self.relations.lock();
        let Relations::Dead(dead) = &mut *relations else { return None };
        dead.waiting().is_none().then(|| dead.reason.clone())
    }

    /// Forgets a waiter, by its key.
    pub(crate) fn unwatch(&self, key: usize) {
        let waiter = self.relations.lock().waiting().and_then(|waiting| waiting.remove(key));
        drop(waiter);
    }
}
