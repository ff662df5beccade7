use std::sync::Arc;

use otp_core::{Pid, ProcessRef};

/// What is stored of an entry, once: the registry has it under its key, and under its process.
pub(super) struct Record<K, M, V> {
    pub(super) place: Place,
    pub(super) key: K,
    pub(super) value: V,
    pub(super) process: ProcessRef<M>,
}

pub(super) type Shared<K, M, V> = Arc<Record<K, M, V>>;

/// The place of an entry: entries with the same hash lie together, in the order in which they were registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) hash: u64,
    /// Counted up; no two entries of a registry have the same.
    pub(super) number: u64,
}

impl<K, M: Send + 'static, V> Record<K, M, V> {
    pub(super) fn pid(&self) -> Pid {
        self.process.pid()
    }
}
