use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use otp_core::{Belonging, End, Kept};

use super::event::GroupMonitor;
use super::group::Place;
use super::table::Table;

/// A process with memberships in a scope.
pub(super) struct Owner {
    /// Tells the scope of its end.
    pub(super) token: Token,
    pub(super) kept: Option<Kept>,
    /// Oldest first.
    pub(super) groups: BTreeSet<Place>,
}

/// Identifies a belonging. It is attached before there is a membership: whether its process has ended meanwhile is asked
/// under the scope's lock.
#[derive(Clone, Default)]
pub(super) struct Token(Arc<AtomicBool>);

impl Token {
    pub(super) fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The memberships of one process in one scope, as its belonging.
pub(super) struct Memberships<K, M> {
    pub(super) table: Weak<Table<K, M>>,
    pub(super) token: Token,
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Belonging for Memberships<K, M> {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        self.token.end();
        if let Some(table) = self.table.upgrade() {
            table.member_ended(end.pid, &self.token);
        }
    }
}

/// A monitor, as a belonging of the process that gets its messages.
pub(super) struct Monitoring<K, M> {
    pub(super) table: Weak<Table<K, M>>,
    pub(super) monitor: GroupMonitor,
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Belonging for Monitoring<K, M> {
    fn owner_ended(self: Box<Self>, _: &End<'_>) {
        if let Some(table) = self.table.upgrade() {
            // The scope may have ended, too.
            let _ = table.demonitor(self.monitor);
        }
    }
}
