use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::state::PeerNode;

impl PeerNode {
    /// How many of its calls wait for answers.
    pub(in crate::node) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// One more of its calls waits for an answer, until what is returned is dropped; `None` if there are too many.
    pub(in crate::node) fn begin_call(&self, most: usize) -> Option<InCall> {
        let others = self.calls.fetch_add(1, Ordering::Relaxed);
        let one = InCall(self.calls.clone());
        (others < most).then_some(one)
    }
}

/// A call of another node that waits for the answer of a server here.
pub(in crate::node) struct InCall(Arc<AtomicUsize>);

impl Drop for InCall {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
