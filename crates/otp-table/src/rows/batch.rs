use std::sync::atomic::{AtomicU8, Ordering};

/// Rows that become visible together, or not at all: what `insert_new` of several rows is made of.
///
/// A row of a batch that is a draft is not there for anybody. Whoever has to decide about its key aborts the batch, which
/// then begins anew: nobody waits for anybody.
pub(super) struct Batch(AtomicU8);

const DRAFT: u8 = 0;
const VISIBLE: u8 = 1;
const ABORTED: u8 = 2;

impl Batch {
    pub(super) fn new() -> Batch {
        Batch(AtomicU8::new(DRAFT))
    }

    pub(super) fn is_visible(&self) -> bool {
        self.0.load(Ordering::Acquire) == VISIBLE
    }

    pub(super) fn is_draft(&self) -> bool {
        self.0.load(Ordering::Acquire) == DRAFT
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.0.load(Ordering::Acquire) == ABORTED
    }

    /// Makes the rows visible; false if somebody has aborted the batch.
    pub(super) fn publish(&self) -> bool {
        self.0.compare_exchange(DRAFT, VISIBLE, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Aborts a draft; false if the rows are visible.
    pub(super) fn abort(&self) -> bool {
        match self.0.compare_exchange(DRAFT, ABORTED, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(state) => state == ABORTED,
        }
    }
}
