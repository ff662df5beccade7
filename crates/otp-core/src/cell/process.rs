use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{self, Poll};

use futures::task::{ArcWake, waker_ref};

use super::body::{Body, Opaque};
use super::offer::{accept, offer};
use super::present::enter;
use crate::exit::{Crash, ExitReason, IntoExit};
use crate::process::{
    AnyProcess, Begin, Header, Mail, Mailbox, Pid, ProcessContext, ProcessRef, Released, Signal, finish_process,
};

/// A process: its header, its mailbox and its future, in one allocation. `B` is a [`Body`], or `dyn Opaque` once only
/// the messages matter.
///
/// [`run`](Cell::run) and [`finish`](Cell::finish) are called with the run lock held, and nobody else looks into the
/// body.
pub(crate) struct Cell<M, B: ?Sized> {
    pub(crate) header: Header,
    pub(crate) mailbox: Mailbox<M>,
    pub(super) body: B,
}

impl<M, B: ?Sized> Cell<M, B> {
    /// The message that is offered to the process while it is run inline.
    pub(crate) fn accept_offer(&self) -> Option<M> {
        // SAFETY: the header is that of a `Cell<M, _>`.
        unsafe { accept(&self.header) }
    }
}

impl<M: Send + 'static> Cell<M, dyn Opaque<M>> {
    /// Runs the process, which waits for a message, on the calling thread, which has taken its run lock, and gives the
    /// lock back. The message does not go through the mailbox, where there is no other; it comes back if the process
    /// did not receive it.
    pub(crate) fn run_inline(self: &Arc<Self>, message: M) -> Option<M> {
        // SAFETY: the header is that of a `Cell<M, _>`.
        unsafe { offer(&self.header, message, || self.body.run_inline(self)) }
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

impl<M, F, Fut> Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    pub(crate) fn new(header: Header, mailbox: Mailbox<M>, start: F) -> Arc<Self> {
        Arc::new(Cell { header, mailbox, body: Body::new(start) })
    }

    /// Polls the future once, with the run lock held, for at most `budget` messages; true if the process has ended.
    ///
    /// `looked` says that the mailbox was empty when the run lock was taken.
    pub(super) fn run(self: &Arc<Self>, budget: u16, looked: bool) -> bool {
        if self.header.state.is_doomed() {
            self.finish(None);
            return true;
        }
        self.header.begin_poll(budget, looked);
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
            let mut unread = self.mailbox.close();
            if let Some(message) = self.accept_offer() {
                unread.push_back(Mail::Message(message));
            }
            finish_process(&self.header, reason, dropped.err(), unread);
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
        self.header.set_shell(cx.waker());
        match self.header.state.begin() {
            Begin::Ended => return None,
            Begin::Busy => return Some(self),
            Begin::Run => {}
        }
        if self.run(self.header.system.budget(), false) {
            return None;
        }
        match self.header.release() {
            Released::Idle => {}
            Released::Again => self.header.system.runtime().poll_again(cx.waker()),
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

    fn typed(self: Arc<Self>, slot: &mut dyn Any) -> Result<(), Pid> {
        let slot = slot.downcast_mut::<Option<ProcessRef<M>>>().ok_or_else(|| self.header.pid)?;
        *slot = Some(ProcessRef::new(self));
        Ok(())
    }
}
