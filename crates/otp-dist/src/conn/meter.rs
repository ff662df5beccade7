use std::sync::atomic::{AtomicU64, Ordering};

use crate::node::Traffic;

/// Counts what goes over a connection in one direction.
#[derive(Default)]
pub(crate) struct Meter {
    bytes: AtomicU64,
    messages: AtomicU64,
}

impl Meter {
    pub(super) fn bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn message(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        Traffic { bytes: self.bytes.load(Ordering::Relaxed), messages: self.messages.load(Ordering::Relaxed) }
    }
}
