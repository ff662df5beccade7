use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use otp_core::{Pid, ProcessContext, ProcessRef, System};

use super::sharing::News;

/// Has what other nodes say to a scope sent to the process that shares it, until it is dropped.
pub(super) struct Inbox<K, M> {
    all: Arc<Inboxes<K, M>>,
    scope: Pid,
}

/// The processes that share scopes of these types, by the processes of the scopes.
struct Inboxes<K, M>(Mutex<HashMap<Pid, Sharing<K, M>>>);

type Sharing<K, M> = ProcessRef<News<K, M>>;

impl<K: Send + Sync + 'static, M: Send + 'static> Inbox<K, M> {
    pub(super) fn open(ctx: &ProcessContext<News<K, M>>, scope: Pid) -> Inbox<K, M> {
        let all = ctx.system().slot::<Inboxes<K, M>>();
        all.change(|all| all.insert(scope, ctx.this()));
        Inbox { all, scope }
    }

    /// The process that shares a scope, if there is one.
    pub(super) fn of(system: &System, scope: Pid) -> Option<Sharing<K, M>> {
        system.slot::<Inboxes<K, M>>().change(|all| all.get(&scope).cloned())
    }
}

impl<K, M> Inboxes<K, M> {
    fn change<T>(&self, change: impl FnOnce(&mut HashMap<Pid, Sharing<K, M>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K, M> Default for Inboxes<K, M> {
    fn default() -> Inboxes<K, M> {
        Inboxes(Mutex::default())
    }
}

impl<K, M> Drop for Inbox<K, M> {
    fn drop(&mut self) {
        drop(self.all.change(|all| all.remove(&self.scope)));
    }
}
