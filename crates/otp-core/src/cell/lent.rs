use std::cell::Cell;
use std::ptr::NonNull;

use crate::sync::LocalKey;

/// Lends a reference to code that runs on the same thread: a place for one reference in thread-local storage.
pub(crate) struct Lent<T: ?Sized>(Cell<Option<NonNull<T>>>);

impl<T: ?Sized> Lent<T> {
    /// Nothing is lent.
    pub(crate) const fn new() -> Lent<T> {
        Lent(Cell::new(None))
    }
}

/// Lends `value` to the code that `body` runs on this thread; restores the previous loan afterwards, also after a
/// panic.
#[inline(always)]
pub(crate) fn lend<T: ?Sized, R>(place: &'static LocalKey<Lent<T>>, value: &T, body: impl FnOnce() -> R) -> R {
    struct Restore<T: ?Sized + 'static>(&'static LocalKey<Lent<T>>, Option<NonNull<T>>);
    impl<T: ?Sized> Drop for Restore<T> {
        #[inline]
        fn drop(&mut self) {
            let _ = self.0.try_with(|lent| lent.0.set(self.1));
        }
    }
    let value = NonNull::from(value);
    let _restore = Restore(place, place.try_with(|lent| lent.0.replace(Some(value))).ok().flatten());
    body()
}

/// Passes the reference that is lent on this thread to `look`.
#[inline]
pub(crate) fn with_lent<T: ?Sized, R>(place: &'static LocalKey<Lent<T>>, look: impl FnOnce(Option<&T>) -> R) -> R {
    let lent = place.try_with(|lent| lent.0.get()).ok().flatten();
    // SAFETY: `lend` put the pointer there and takes it away before its borrow of the value ends; both happen on this
    // thread, and the reference made here does not outlive this call, which runs inside that one.
    look(lent.map(|value| unsafe { value.as_ref() }))
}
