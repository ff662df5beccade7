use std::any::{Any, TypeId, type_name};
use std::sync::Arc;
use std::task::{self, Poll};

use futures::task::{ArcWake, waker_ref};

use super::arrival::Arrival;
use super::cell::{Cell, Opaque};
use super::context::ProcessContext;
use super::end::{self, Unread};
use super::hand_over::{After, Turn};
use super::handle::Process;
use super::header::{AnyProcess, Header};
use super::load::LoadFigures;
use super::mailbox::Added;
use super::message::Signal;
use super::present::enter;
use super::process_ref::ProcessRef;
use super::ties::{Party, Side, Ties};
use crate::cell::{Begin, Body, Held, Released, concrete};
use crate::exit::{ExitReason, IntoExit, contain, contain_process};
use crate::runtime::{Run, Task};

impl<M, F, Fut> Opaque<M> for Body<F, Fut>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn run_inline(&self, process: &Arc<Cell<M, dyn Opaque<M>>>, lock: Held<'_>, is_empty: bool) {
        concrete(self, process).run_here(lock, is_empty);
    }

    fn untyped(&self, process: &Arc<Cell<M, dyn Opaque<M>>>) -> Arc<dyn AnyProcess> {
        let cell = concrete(self, process);
        Arc::<Cell<M, Body<F, Fut>>>::clone(&cell)
    }
}

impl<M, F, Fut> Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    /// Runs the process on the thread of one that waits for it, and releases its run lock.
    #[inline]
    fn run_here(self: &Arc<Self>, lock: Held<'_>, is_empty: bool) {
        if self.run_beside_task(lock, 1, is_empty) {
            self.header.wake_shell();
        }
    }

    /// Runs the process elsewhere than in its task, if it has one, and releases its run lock; true if it is to run again.
    #[inline]
    fn run_beside_task(self: &Arc<Self>, mut lock: Held<'_>, budget: u8, is_empty: bool) -> bool {
        if self.run(&mut lock, budget, is_empty) {
            // The shell task, if there is one, is still there, and ends when it is polled.
            if self.header.has_task() {
                self.header.wake_shell();
            }
            return false;
        }
        match self.header.release(lock) {
            Released::Idle => false,
            Released::Again => true,
            Released::Abandoned => {
                self.clone().abandon();
                false
            }
        }
    }

    /// Runs a new process for the first time on the thread of its starter, which waits for it, if it may; true if it needs
    /// no task now: it has ended, or waits, and gets one when it is woken.
    pub(super) fn run_first(self: &Arc<Self>) -> bool {
        let Some(lives) = self.header.may_run_at_once() else { return false };
        let Begin::Run(mut lock) = self.header.state.begin() else { return false };
        let budget = self.header.system.budget();
        if self.header.run_at_once(lives, || self.run(&mut lock, budget, false)) {
            return true;
        }
        match self.header.release(lock) {
            Released::Idle => self.header.system.guardian().is_there(&self.header.system),
            Released::Again => false,
            Released::Abandoned => {
                self.clone().abandon();
                true
            }
        }
    }

    /// Polls the future once, for at most `budget` messages; true if the process has ended.
    ///
    /// `looked` says that the mailbox was empty when the run lock was taken.
    #[inline]
    fn run(self: &Arc<Self>, lock: &mut Held<'_>, budget: u8, looked: bool) -> bool {
        if self.header.is_watched() {
            self.header.begin_run();
        }
        let ended = self.run_once(lock, budget, looked);
        if self.header.is_run_seen() {
            self.header.end_run();
        }
        ended
    }

    #[inline(always)]
    fn run_once(self: &Arc<Self>, lock: &mut Held<'_>, budget: u8, looked: bool) -> bool {
        if self.header.state.is_doomed() {
            self.finish(lock, None);
            return true;
        }
        self.header.begin_poll(budget, looked);
        let waker = waker_ref(self);
        let mut cx = task::Context::from_waker(&waker);
        let context = || ProcessContext::new(ProcessRef::new(self.clone()));
        let poll = || self.poll(lock, context, &mut cx).map(IntoExit::into_exit);
        match enter(self, || contain_process(poll)) {
            Ok(Poll::Pending) if self.header.state.is_doomed() => self.finish(lock, None),
            Ok(Poll::Pending) => {
                self.header.settle_after_poll();
                return false;
            }
            Ok(Poll::Ready(reason)) => self.finish(lock, Some(reason)),
            Err(crash) => self.finish(lock, crash.map(ExitReason::Error)),
        }
        true
    }

    /// Ends the process: by the signal that doomed it, by its own `reason`, or because its executor is gone.
    fn finish(self: &Arc<Self>, lock: &mut Held<'_>, reason: Option<ExitReason>) {
        lock.end();
        self.header.close_span();
        enter(self, || {
            let dropped = contain(|| self.clear(lock));
            let (mail, arrivals) = self.mailbox.close();
            // What is on offer to it stays with the caller.
            let whole = !mail.is_empty() && !self.header.has_holes();
            let first = whole.then(|| arrivals.last(mail.len()));
            end::finish(&self.header, reason, dropped.err(), Unread { mail, first });
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
        let mut lock = match self.header.state.begin() {
            Begin::Ended => return None,
            Begin::Busy => return Some(self),
            Begin::Run(lock) => lock,
        };
        let turn = Turn::begin(&self.header);
        if turn.run(|| self.run(&mut lock, self.header.system.budget(), false)) {
            turn.end();
            return None;
        }
        match turn.wait(lock, cx.waker()) {
            After::Waits => return Some(self),
            After::Ended => {}
            After::Abandoned => self.abandon(),
        }
        None
    }

    fn abandon(self: Arc<Self>) {
        if self.header.state.abandon()
            && let Begin::Run(mut lock) = self.header.state.begin()
        {
            // Not as its own crash: it only lost its executor.
            self.finish(&mut lock, None);
        }
    }

    fn process(self: Arc<Self>) -> Arc<dyn AnyProcess> {
        self
    }
}

impl<M, F, Fut> ArcWake for Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn wake_by_ref(this: &Arc<Self>) {
        if this.header.state.notify() {
            this.header.schedule(|| this.clone());
        }
    }
}

impl<M, F, Fut> Party for Cell<M, Body<F, Fut>>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    fn ties(&self) -> &Ties {
        &self.header
    }

    fn side(&self) -> Side<'_> {
        Side::Here(self)
    }

    fn receives(&self) -> &'static str {
        type_name::<M>()
    }

    fn message_type(&self) -> Option<TypeId> {
        Some(TypeId::of::<M>())
    }

    fn typed(self: Arc<Self>, slot: &mut dyn Any) {
        if let Some(slot) = slot.downcast_mut::<Option<ProcessRef<M>>>() {
            *slot = Some(ProcessRef::new(self));
        }
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

    fn push_signal(&self, signal: Box<Signal>) -> Result<Added, Box<Signal>> {
        self.mailbox.push_signal(signal)
    }

    fn orphan(self: Arc<Self>) {
        self.abandon();
    }

    fn spawn_task(self: Arc<Self>) {
        let runtime = self.header.system.runtime().clone();
        runtime.spawn(Task::of(self));
    }

    fn run_waiting(self: Arc<Self>, lock: Held<'_>) {
        self.run_here(lock, false);
    }

    fn run_next(self: Arc<Self>, budget: u8) -> (Arc<dyn AnyProcess>, bool) {
        let is_woken = match self.header.state.begin() {
            Begin::Run(lock) => self.run_beside_task(lock, budget, false),
            Begin::Busy | Begin::Ended => false,
        };
        (self, is_woken)
    }

    fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool) {
        self.mailbox.withdraw(unwanted);
    }

    fn is_before(&self, place: Arrival) -> bool {
        let first = if self.header.has_holes() { None } else { self.mailbox.first_unread() };
        place.is_last_or_unread(first, self.header.handled())
    }

    fn queued(&self) -> usize {
        self.mailbox.len() + usize::from(self.has_offer())
    }

    fn queue_limit(&self) -> Option<usize> {
        self.mailbox.limit()
    }

    fn load(&self) -> Option<LoadFigures> {
        self.mailbox.figures()
    }
}

impl Task {
    /// Returns the process that this task polls, if there is one.
    pub fn process(&self) -> Option<Process> {
        Some(Process::new(self.shell()?.clone().process()))
    }
}
