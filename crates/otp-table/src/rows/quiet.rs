use std::panic::{AssertUnwindSafe, catch_unwind};

/// A value of a user whose drop does not panic: rows are dropped by whoever happens to be the last to see them, and whose
/// panic it would not be. The panic hook has reported it.
pub(crate) struct Quiet<T>(Option<T>);

impl<T> Quiet<T> {
    pub(crate) fn new(value: T) -> Quiet<T> {
        Quiet(Some(value))
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Quiet<T> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<T>() {
            let value = self.0.take();
            quietly(|| drop(value));
        }
    }
}

/// Runs code whose panics are not the caller's.
pub(crate) fn quietly(code: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
        // Dropping the payload of a panic may panic, too.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(panic)));
        dropped.unwrap_or_else(std::mem::forget);
    }
}
