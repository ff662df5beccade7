use std::fmt;
use std::sync::Arc;

use otp_core::{Pid, ProcessRef};
use otp_genserver::{Envelope, GenServer, ServerRef};

use super::record::Shared;

/// An entry of a registry, as it was when it was looked up: a key, a process, and the value that the process has
/// registered. Cheap to clone.
///
/// It keeps the key and the value, not the process: the process may have ended since. A value that was updated later is in
/// another entry.
pub struct Entry<K, M, V = ()>(pub(super) Shared<K, M, V>);

impl<K, M: Send + 'static, V> Entry<K, M, V> {
    /// The key.
    pub fn key(&self) -> &K {
        &self.0.key
    }

    /// The value.
    pub fn value(&self) -> &V {
        &self.0.value
    }

    /// The process.
    pub fn process(&self) -> &ProcessRef<M> {
        &self.0.process
    }

    /// The pid of the process.
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }
}

impl<K, S: GenServer, V> Entry<K, Envelope<S>, V> {
    /// The process, as a server. It does not lead to a successor; [`Registry::server`](super::Registry::server) does.
    pub fn server(&self) -> ServerRef<S> {
        ServerRef::from(self.0.process.clone())
    }
}

impl<K, M, V> Clone for Entry<K, M, V> {
    fn clone(&self) -> Entry<K, M, V> {
        Entry(self.0.clone())
    }
}

/// Two entries are equal if they are the same one, with the same value.
impl<K, M, V> PartialEq for Entry<K, M, V> {
    fn eq(&self, other: &Entry<K, M, V>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K, M, V> Eq for Entry<K, M, V> {}

impl<K: fmt::Debug, M, V> fmt::Debug for Entry<K, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("key", &self.0.key).field("process", &self.0.process).finish_non_exhaustive()
    }
}
