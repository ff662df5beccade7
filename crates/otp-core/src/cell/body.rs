use std::pin::Pin;
use std::task::{self, Poll};

use crate::sync::UnsafeCell;

/// The future of a process, before, while and after it runs.
///
/// Only the holder of the run lock reaches it.
pub(crate) struct Body<F, Fut>(UnsafeCell<Stage<F, Fut>>);

enum Stage<F, Fut> {
    Unstarted(F),
    Running(Fut),
    Gone,
}

// SAFETY: the content is reached only through `Body::poll` and `Body::clear`, whose callers hold the run lock, so at
// most one thread has access at a time. The lock is taken and given back with acquire and release ordering, so the
// access moves between threads, which `F: Send` and `Fut: Send` allow.
unsafe impl<F: Send, Fut: Send> Sync for Body<F, Fut> {}

impl<F, Fut> Body<F, Fut> {
    pub(super) fn new(start: F) -> Body<F, Fut> {
        Body(UnsafeCell::new(Stage::Unstarted(start)))
    }

    /// Polls the future; the first time, makes it of an `argument`.
    ///
    /// # Safety
    ///
    /// The caller holds the run lock, and the body lives in an `Arc` that it is never moved out of.
    pub(super) unsafe fn poll<A>(&self, argument: impl FnOnce() -> A, cx: &mut task::Context<'_>) -> Poll<Fut::Output>
    where
        F: FnOnce(A) -> Fut,
        Fut: Future,
    {
        self.0.with_mut(|stage| {
            // SAFETY: the run lock makes this the only reference to the content.
            let stage = unsafe { &mut *stage };
            if let Stage::Unstarted(_) = stage {
                let Stage::Unstarted(start) = std::mem::replace(stage, Stage::Gone) else { unreachable!() };
                *stage = Stage::Running(start(argument()));
            }
            match stage {
                // SAFETY: the future was written into its place above and stays there until `clear` drops it in
                // place; the body is never moved, as the caller promises.
                Stage::Running(future) => unsafe { Pin::new_unchecked(future) }.poll(cx),
                Stage::Gone | Stage::Unstarted(_) => Poll::Pending,
            }
        })
    }

    /// Drops what is left of the future, in its place.
    ///
    /// # Safety
    ///
    /// The caller holds the run lock.
    pub(super) unsafe fn clear(&self) {
        /// Writes `Gone` even if the drop panics, so that nothing is dropped twice.
        struct Clear<F, Fut>(*mut Stage<F, Fut>);
        impl<F, Fut> Drop for Clear<F, Fut> {
            fn drop(&mut self) {
                // SAFETY: the content has just been dropped in place, so it is overwritten without another drop;
                // the pointer comes from `clear`, whose caller holds the run lock.
                unsafe { self.0.write(Stage::Gone) };
            }
        }
        self.0.with_mut(|stage| {
            let clear = Clear(stage);
            // SAFETY: the run lock makes this the only access, and `clear` replaces the dropped value.
            unsafe { std::ptr::drop_in_place(clear.0) };
        });
    }
}
