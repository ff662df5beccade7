use std::sync::Arc;
use std::task::Waker;

use super::header::{AnyProcess, Header};
use crate::cell::{Lent, lend, with_lent};
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
    static PRESENT: Lent<dyn Present> = const { Lent::new() };
}

/// Runs `body` as code of `present`; what was present before is so again afterwards, also after a panic.
#[inline]
pub(super) fn enter<R>(present: &(impl Present + 'static), body: impl FnOnce() -> R) -> R {
    lend(&PRESENT, present, body)
}

/// Shows the process that the calling thread is polling, if any.
#[inline]
pub(crate) fn with_present<R>(look: impl FnOnce(Option<&dyn Present>) -> R) -> R {
    with_lent(&PRESENT, |present| look(present.map(|present| present as &dyn Present)))
}
