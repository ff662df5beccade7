use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::process::{Cell, Run};
use crate::exit::{ExitReason, IntoExit};
use crate::process::{ProcessContext, Released};
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

    /// Polls the future; the first time, makes it.
    ///
    /// # Safety
    ///
    /// The caller holds the run lock, and the body lives in an `Arc` that it is never moved out of.
    pub(super) unsafe fn poll<M>(
        &self,
        context: impl FnOnce() -> ProcessContext<M>,
        cx: &mut task::Context<'_>,
    ) -> Poll<ExitReason>
    where
        F: FnOnce(ProcessContext<M>) -> Fut,
        Fut: Future<Output: IntoExit>,
    {
        self.0.with_mut(|stage| {
            // SAFETY: the run lock makes this the only reference to the content.
            let stage = unsafe { &mut *stage };
            if let Stage::Unstarted(_) = stage {
                let Stage::Unstarted(start) = std::mem::replace(stage, Stage::Gone) else { unreachable!() };
                *stage = Stage::Running(start(context()));
            }
            match stage {
                // SAFETY: the future was written into its place above and stays there until `clear` drops it in
                // place; the body is never moved, as the caller promises.
                Stage::Running(future) => unsafe { Pin::new_unchecked(future) }.poll(cx).map(IntoExit::into_exit),
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

/// What a [`ProcessRef`](crate::ProcessRef) does not know about a process: its future.
pub(crate) trait Opaque<M>: Send + Sync {
    /// Runs the process, whose body this is and whose mailbox is empty, on the calling thread; called with its run
    /// lock, which is given back.
    fn run_inline(&self, process: &Arc<Cell<M, dyn Opaque<M>>>);
}

impl<M, F, Fut> Opaque<M> for Body<F, Fut>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn run_inline(&self, process: &Arc<Cell<M, dyn Opaque<M>>>) {
        assert!(std::ptr::addr_eq(self, &raw const process.body), "a body runs its own process");
        // SAFETY: `self` is the body of `process`, as was just checked, and a body is made as part of a
        // `Cell<M, Body<F, Fut>>`, so that is what the `Arc` holds; the pointer comes from that `Arc`, whose count is
        // borrowed for the time of this call and not given back.
        let cell = ManuallyDrop::new(unsafe { Arc::from_raw(Arc::as_ptr(process).cast::<Cell<M, Body<F, Fut>>>()) });
        if cell.run(1, true) {
            // The shell task is still there, and ends when it is polled.
            cell.header.wake_shell();
            return;
        }
        match cell.header.release() {
            Released::Idle => {}
            Released::Again => cell.header.wake_shell(),
            Released::Abandoned => Arc::clone(&cell).abandon(),
        }
    }
}
