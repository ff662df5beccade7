//! The one allocation of a process, and the only unsafe code of the library.
//!
//! A [`Cell`] holds the header, the mailbox and the future. The future is touched only by the holder of the run lock
//! (see [`State`](super::state::State)); everything unsafe below rests on that, and on one rule: [`Cell::run`] and
//! [`Cell::finish`] are called with the run lock held, and nobody else looks into [`Body`].

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{self, Poll};

use futures::task::{ArcWake, waker_ref};

use super::context::ProcessContext;
use super::end;
use super::header::{AnyProcess, Header};
use super::mailbox::Mailbox;
use super::message::Signal;
use super::process_ref::ProcessRef;
use super::state::{Begin, Released};
use crate::exit::{Crash, ExitReason, IntoExit};

/// A process: `B` is its [`Body`], or `dyn Opaque` once only the messages matter.
pub(crate) struct Cell<M, B: ?Sized> {
    pub(crate) header: Header,
    pub(crate) mailbox: Mailbox<M>,
    body: B,
}

/// What a [`ProcessRef`] does not know about a process: its future.
pub(crate) trait Opaque<M>: Send + Sync {
    /// Runs the process, whose body this is, on the calling thread; called with its run lock.
    fn run_inline(&self, process: Arc<Cell<M, dyn Opaque<M>>>);
}

impl<M, B: ?Sized> Cell<M, B> {
    pub(crate) fn body(&self) -> &B {
        &self.body
    }
}

/// What an executor polls: the shell task holds the process as this.
pub(crate) trait Run: Send + Sync {
    /// Polls the process; gives the shell back unless the process has ended.
    fn poll_shell(self: Arc<Self>, cx: &mut task::Context<'_>) -> Option<Arc<dyn Run>>;

    /// The executor dropped the task.
    fn abandon(self: Arc<Self>);

    /// The process.
    fn process(self: Arc<Self>) -> Arc<dyn AnyProcess>;
}

/// The future of a process, before, while and after it runs.
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

impl<M, F, Fut> Opaque<M> for Body<F, Fut>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn run_inline(&self, process: Arc<Cell<M, dyn Opaque<M>>>) {
        assert!(std::ptr::addr_eq(self, &raw const process.body), "a body runs its own process");
        // SAFETY: `self` is the body of `process`, as was just checked, and a body is made as part of a
        // `Cell<M, Body<F, Fut>>`, so that is what the `Arc` holds; the pointer comes from that `Arc`.
        let cell = unsafe { Arc::from_raw(Arc::into_raw(process).cast::<Cell<M, Body<F, Fut>>>()) };
        if cell.run(1) {
            // The shell task is still there, and ends when it is polled.
            cell.header.executor.wake();
            return;
        }
        match cell.header.state.release() {
            Released::Idle => {}
            Released::Again => cell.header.executor.wake(),
            Released::Abandoned => cell.abandon(),
        }
    }
}

impl<F, Fut> Body<F, Fut> {
    /// Polls the future; the first time, makes it.
    ///
    /// # Safety
    ///
    /// The caller holds the run lock, and the body lives in an `Arc` that it is never moved out of.
    unsafe fn poll<M>(
        &self,
        context: impl FnOnce() -> ProcessContext<M>,
        cx: &mut task::Context<'_>,
    ) -> Poll<ExitReason>
    where
        F: FnOnce(ProcessContext<M>) -> Fut,
        Fut: Future<Output: IntoExit>,
    {
        // SAFETY: the run lock makes this the only reference to the content.
        let stage = unsafe { &mut *self.0.get() };
        if let Stage::Unstarted(_) = stage {
            let Stage::Unstarted(start) = std::mem::replace(stage, Stage::Gone) else { unreachable!() };
            *stage = Stage::Running(start(context()));
        }
        match stage {
            // SAFETY: the future was written into its place above and stays there until `clear` drops it in place;
            // the body is never moved, as the caller promises.
            Stage::Running(future) => unsafe { Pin::new_unchecked(future) }.poll(cx).map(IntoExit::into_exit),
            Stage::Gone | Stage::Unstarted(_) => Poll::Pending,
        }
    }

    /// Drops what is left of the future, in its place.
    ///
    /// # Safety
    ///
    /// The caller holds the run lock.
    unsafe fn clear(&self) {
        /// Writes `Gone` even if the drop panics, so that nothing is dropped twice.
        struct Clear<F, Fut>(*mut Stage<F, Fut>);
        impl<F, Fut> Drop for Clear<F, Fut> {
            fn drop(&mut self) {
                // SAFETY: the content has just been dropped in place, so it is overwritten without another drop;
                // the pointer comes from `clear`, whose caller holds the run lock.
                unsafe { self.0.write(Stage::Gone) };
            }
        }
        let clear = Clear(self.0.get());
        // SAFETY: the run lock makes this the only access, and `clear` replaces the dropped value.
        unsafe { std::ptr::drop_in_place(clear.0) };
    }
}

impl<M, F, Fut> Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    pub(crate) fn new(header: Header, mailbox: Mailbox<M>, start: F) -> Arc<Self> {
        Arc::new(Cell { header, mailbox, body: Body(UnsafeCell::new(Stage::Unstarted(start))) })
    }

    /// Polls the future once, with the run lock held, for at most `budget` messages; true if the process has ended.
    fn run(self: &Arc<Self>, budget: u32) -> bool {
        if self.header.state.is_doomed() {
            self.finish(None);
            return true;
        }
        self.header.set_budget(budget);
        let waker = waker_ref(self);
        let mut cx = task::Context::from_waker(&waker);
        let context = || ProcessContext::new(ProcessRef::new(self.clone()));
        // SAFETY: the caller holds the run lock, and cells are only made by `new`, inside an `Arc`.
        let poll = || unsafe { self.body.poll(context, &mut cx) };
        match enter(self, || catch_unwind(AssertUnwindSafe(poll))) {
            Ok(Poll::Pending) if self.header.state.is_doomed() => self.finish(None),
            Ok(Poll::Pending) => {
                self.header.settle_after_poll();
                return false;
            }
            Ok(Poll::Ready(reason)) => self.finish(Some(reason)),
            Err(panic) => self.finish(Some(ExitReason::Error(Crash::from_panic(panic)))),
        }
        true
    }

    /// Ends the process, with the run lock held: by the signal that doomed it, by its own `reason`, or because its
    /// executor is gone.
    fn finish(self: &Arc<Self>, reason: Option<ExitReason>) {
        self.header.state.end();
        enter(self, || {
            // SAFETY: the caller holds the run lock.
            let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { self.body.clear() }));
            end::finish(&self.header, reason, dropped.err(), self.mailbox.close());
        });
    }
}

impl<M, F, Fut> Run for Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn poll_shell(self: Arc<Self>, cx: &mut task::Context<'_>) -> Option<Arc<dyn Run>> {
        self.header.executor.register(cx.waker());
        match self.header.state.begin() {
            Begin::Ended => {
                self.header.executor.take();
                return None;
            }
            Begin::Busy => return Some(self),
            Begin::Run => {}
        }
        if self.run(self.header.system.budget()) {
            self.header.executor.take();
            return None;
        }
        match self.header.state.release() {
            Released::Idle => {}
            Released::Again => cx.waker().wake_by_ref(),
            Released::Abandoned => {
                self.abandon();
                return None;
            }
        }
        Some(self)
    }

    fn abandon(self: Arc<Self>) {
        if self.header.state.abandon() && matches!(self.header.state.begin(), Begin::Run) {
            // Not by itself: that the executor goes is no crash of the process.
            self.finish(None);
            self.header.executor.take();
        }
    }

    fn process(self: Arc<Self>) -> Arc<dyn AnyProcess> {
        self
    }
}

impl<M, F, Fut> ArcWake for Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: Send + 'static,
    Fut: Send + 'static,
{
    fn wake_by_ref(this: &Arc<Self>) {
        this.header.notify();
    }
}

impl<M, F, Fut> AnyProcess for Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn header(&self) -> &Header {
        &self.header
    }

    fn push_signal(&self, signal: Box<Signal>) -> Result<(), Box<Signal>> {
        self.mailbox.push_signal(signal)
    }

    fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool) {
        self.mailbox.withdraw(unwanted);
    }

    fn queue(&self) -> (usize, Option<usize>) {
        (self.mailbox.len(), self.mailbox.limit())
    }

    fn typed(self: Arc<Self>, slot: &mut dyn Any) {
        if let Some(slot) = slot.downcast_mut::<Option<ProcessRef<M>>>() {
            *slot = Some(ProcessRef::new(self));
        }
    }
}

/// The process that the calling thread is polling.
pub(crate) trait Present {
    fn header(&self) -> &Header;
    fn process(&self) -> Arc<dyn AnyProcess>;
}

impl<M, F, Fut> Present for Arc<Cell<M, Body<F, Fut>>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn header(&self) -> &Header {
        &self.header
    }

    fn process(&self) -> Arc<dyn AnyProcess> {
        self.clone()
    }
}

thread_local! {
    static PRESENT: std::cell::Cell<Option<NonNull<dyn Present>>> = const { std::cell::Cell::new(None) };
}

/// Runs `body` as code of `present`; what was present before is so again afterwards, also after a panic.
fn enter<R>(present: &(impl Present + 'static), body: impl FnOnce() -> R) -> R {
    struct Leave(Option<NonNull<dyn Present>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            let _ = PRESENT.try_with(|cell| cell.set(self.0));
        }
    }
    let present: NonNull<dyn Present> = NonNull::from(present as &dyn Present);
    let _leave = Leave(PRESENT.try_with(|cell| cell.replace(Some(present))).ok().flatten());
    body()
}

/// Shows the process that the calling thread is polling, if any.
pub(crate) fn with_present<R>(look: impl FnOnce(Option<&dyn Present>) -> R) -> R {
    let present = PRESENT.try_with(std::cell::Cell::get).ok().flatten();
    // SAFETY: `enter` put the pointer there and takes it away before its borrow of the process ends; both happen on
    // this thread, and the reference made here does not outlive this call, which runs inside that one.
    look(present.map(|present| unsafe { present.as_ref() }))
}
