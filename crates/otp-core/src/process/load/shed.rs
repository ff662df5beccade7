use std::cell::Cell;

use crate::sync::thread_local;

thread_local! {
    /// Whether the calling thread drops a message because there was too much of it.
    static SHEDDING: Cell<bool> = const { Cell::new(false) };
}

/// Drops a message, so that the caller whose reply token is in it is told that the callee had too much to do.
pub(crate) fn shed<M>(message: M) {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            SHEDDING.with(|shedding| shedding.set(self.0));
        }
    }
    let _restore = Restore(SHEDDING.with(|shedding| shedding.replace(true)));
    drop(message);
}

/// Whether a reply token that is dropped now goes with a message that is [shed].
pub(crate) fn is_shedding() -> bool {
    SHEDDING.with(Cell::get)
}
