use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Drops values of users, each by itself: a panic in one does not keep the others from being dropped. The first panic goes
/// on when all are dropped.
pub(super) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    let mut first: Option<Box<dyn Any + Send>> = None;
    for value in values {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            match first {
                None => first = Some(panic),
                Some(_) => forget_panic(panic),
            }
        }
    }
    if let Some(panic) = first {
        resume_unwind(panic);
    }
}

/// Runs code that is called for others: a panic in it is not theirs. The panic hook has reported it.
pub(super) fn apart(code: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
        forget_panic(panic);
    }
}

/// Dropping the payload of a panic may panic, too.
fn forget_panic(panic: Box<dyn Any + Send>) {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    dropped.unwrap_or_else(std::mem::forget);
}
