use std::collections::HashMap;
use std::hash::Hash;

use otp_core::MonitorRef;
use otp_etf as etf;

use super::members::Members;

/// The scopes of other nodes, and who is a member here because of them.
pub(super) struct Others<K>(HashMap<etf::Pid, Other<K>>);

struct Other<K> {
    /// Reports the end of the scope, and of the connection.
    monitor: MonitorRef,
    members: Members<K>,
}

impl<K: Hash + Eq> Others<K> {
    pub(super) fn new() -> Others<K> {
        Others(HashMap::new())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &etf::Pid> {
        self.0.keys()
    }

    pub(super) fn knows(&self, scope: &etf::Pid) -> bool {
        self.0.contains_key(scope)
    }

    /// A scope, which is monitored. A node has one of a name: returns what is known of an earlier one.
    pub(super) fn add(&mut self, scope: etf::Pid, monitor: MonitorRef) -> Option<(MonitorRef, Members<K>)> {
        let before = self.0.keys().find(|known| known.node == scope.node).cloned();
        let before = before.and_then(|before| self.0.remove(&before));
        self.0.insert(scope, Other { monitor, members: Members::new() });
        before.map(|before| (before.monitor, before.members))
    }

    /// The members of a scope that is known.
    pub(super) fn members(&mut self, scope: &etf::Pid) -> Option<&mut Members<K>> {
        Some(&mut self.0.get_mut(scope)?.members)
    }

    /// Forgets the scope that this monitor was for, and returns its members.
    pub(super) fn remove(&mut self, monitor: MonitorRef) -> Option<Members<K>> {
        let scope = self.0.iter().find(|(_, other)| other.monitor == monitor)?.0.clone();
        self.0.remove(&scope).map(|other| other.members)
    }
}
