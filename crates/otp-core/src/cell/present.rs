use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::Waker;

use crate::process::{AnyProcess, Header};
use crate::sync::thread_local;

/// The process that the calling thread is polling.
pub(crate) trait Present {
    fn header(&self) -> &Header;
    fn process(&self) -> Arc<dyn AnyProcess>;

    /// Whether `waker` is the one under which the process itself is polled: its data is the process's allocation.
    fn is_own_waker(&self, waker: &Waker) -> bool;
}

impl<P: AnyProcess + 'static> Present for Arc<P> {
    fn header(&self) -> &Header {
        (**self).header()
    }

    fn process(&self) -> Arc<dyn AnyProcess> {
        self.clone()
    }

    fn is_own_waker(&self, waker: &Waker) -> bool {
        std::ptr::addr_eq(waker.data(), Arc::as_ptr(self))
    }
}

thread_local! {
    static PRESENT: Cell<Option<NonNull<dyn Present>>> = const { std::cell::Cell::new(None) };
}

/// Runs `body` as code of `present`; what was present before is so again afterwards, also after a panic.
pub(crate) fn enter<R>(present: &(impl Present + 'static), body: impl FnOnce() -> R) -> R {
    struct Leave(Option<NonNull<dyn Present>>);
    impl Drop for Leave {
        #[inline]
        fn drop(&mut self) {
            let _ = PRESENT.try_with(|cell| cell.set(self.0));
        }
    }
    let present: NonNull<dyn Present> = NonNull::from(present as &dyn Present);
    let _leave = Leave(PRESENT.try_with(|cell| cell.replace(Some(present))).ok().flatten());
    body()
}

/// Shows the process that the calling thread is polling, if any.
#[inline]
pub(crate) fn with_present<R>(look: impl FnOnce(Option<&dyn Present>) -> R) -> R {
    let present = PRESENT.try_with(Cell::get).ok().flatten();
    // SAFETY: `enter` put the pointer there and takes it away before its borrow of the process ends; both happen on
    // this thread, and the reference made here does not outlive this call, which runs inside that one.
    look(present.map(|present| unsafe { present.as_ref() }))
}
