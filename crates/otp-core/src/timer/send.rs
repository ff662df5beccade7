use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::timer_ref::TimerRef;
use crate::address::Address;
use crate::event::Cause;
use crate::process::{Header, NotedSignal, Process, Signal, TrySendError, mailbox_full, wrong_type};
use crate::runtime::Instant;
use crate::system::System;

impl System {
    /// Sends `message` to `to` after `delay`. The timer survives the end of the process that made it, but not the end
    /// of the receiver. A name is looked up when the timer fires; if no process holds it then, the message is dropped.
    ///
    /// Timers never fire early. Those for one process fire in the order of their deadlines, and with the same deadline in
    /// the order in which they were made; those for one name do, too. If the receiver's bounded mailbox is full when the
    /// timer fires, the message is dropped.
    pub fn send_after<M: Send + 'static>(&self, delay: Duration, to: impl Into<Address<M>>, message: M) -> TimerRef {
        let send = once(message, self.cause());
        self.arm(self.now() + delay, to.into(), send)
    }

    /// Sends a message that contains the timer's own reference after `delay`: Erlang's `start_timer/3`. If the timer is
    /// cancelled while its message is made, it is never armed. See [`send_after`](System::send_after).
    pub fn start_timer<M: Send + 'static>(
        &self,
        delay: Duration,
        to: impl Into<Address<M>>,
        message: impl FnOnce(TimerRef) -> M,
    ) -> TimerRef {
        let (deadline, to) = (self.now() + delay, to.into());
        let own = to.clone();
        let header = self.own_header(&own);
        let queue = self.timers().of(header.map(|header| header.pid));
        let timer = TimerRef::new(queue, queue.make());
        let message = catch_unwind(AssertUnwindSafe(|| message(timer.clone()))).unwrap_or_else(|panic| {
            timer.cancel();
            resume_unwind(panic)
        });
        let mut fire = once(message, self.cause());
        queue.arm(self, Some(timer.key), deadline, header, Box::new(move || fire(&to)));
        timer
    }

    /// Sends the return value of `message` to `to`, every `period`, the first time after one period. The interval ends
    /// when it is cancelled, or when the process has ended; with a name, only when it is cancelled.
    ///
    /// If `message` panics, this is reported as a crash and ends the interval.
    ///
    /// Periods are counted from the start, so that delays do not add up; messages that could not be sent in time are
    /// skipped. A period of zero counts as one nanosecond.
    pub fn send_interval<M: Send + 'static>(
        &self,
        period: Duration,
        to: impl Into<Address<M>>,
        mut message: impl FnMut() -> M + Send + 'static,
    ) -> TimerRef {
        let period = period.max(Duration::from_nanos(1));
        let runtime = self.runtime().clone();
        let mut due = self.now() + period;
        self.arm(due, to.into(), move |to| {
            if to.header().is_some_and(|header| !header.is_alive()) {
                return None;
            }
            deliver(to, message());
            due = next_period(due, period, runtime.now());
            Some(due)
        })
    }

    /// The number of running timers that send messages.
    pub fn timer_count(&self) -> usize {
        self.timers().len()
    }

    /// Calls `fire` at `deadline`, unless `to` is a process that ends before.
    fn arm<M: Send + 'static>(
        &self,
        deadline: Instant,
        to: Address<M>,
        mut fire: impl FnMut(&Address<M>) -> Option<Instant> + Send + 'static,
    ) -> TimerRef {
        let own = to.clone();
        let header = self.own_header(&own);
        let queue = self.timers().of(header.map(|header| header.pid));
        TimerRef::new(queue, queue.arm(self, None, deadline, header, Box::new(move || fire(&to))))
    }

    /// The process that `to` is the address of. A process of another system does not know the timers of this one.
    fn own_header<'a, M: Send + 'static>(&self, to: &'a Address<M>) -> Option<&'a Header> {
        to.header().filter(|header| header.system == *self)
    }
}

impl Process {
    /// Sets a timer of this process: after `delay` it receives a [`Message::Timer`](crate::Message::Timer) with the
    /// returned reference. For timers that the process distinguishes by reference; a message of its own type comes from
    /// [`start_timer`](System::start_timer).
    ///
    /// A bounded mailbox does not refuse the message, which does not count towards the bound. It arrives in order with
    /// the other messages. A timer that was cancelled too late is recognised by its reference. The timer is cancelled
    /// when the process ends.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    /// use otp::{ExitReason, Message, ProcessContext};
    ///
    /// let sleeper = system.spawn(async |mut ctx: ProcessContext<()>| {
    ///     let late = ctx.set_timer(Duration::from_millis(2));
    ///     let early = ctx.set_timer(Duration::from_millis(1));
    ///     assert_eq!(ctx.receive().await, Message::Timer(early));
    ///     assert_eq!(ctx.receive().await, Message::Timer(late));
    /// });
    /// assert_eq!(sleeper.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn set_timer(&self, delay: Duration) -> TimerRef {
        let system = self.system();
        let deadline = system.now() + delay;
        let queue = system.timers().of(Some(self.pid()));
        let timer = TimerRef::new(queue, queue.make());
        let (process, fired, mut cause) = (self.inner().clone(), timer.clone(), Some(system.cause()));
        let fire = move || {
            let signal = Signal::Timer(fired.clone());
            let signal = match cause.take().and_then(Cause::note) {
                Some(note) => NotedSignal::beside(signal, note),
                None => signal,
            };
            if let Ok(added) = process.push_signal(Box::new(signal)) {
                process.header().notify_pushed(added);
            }
            None
        };
        queue.arm(system, Some(timer.key), deadline, Some(self.inner().header()), Box::new(fire));
        timer
    }
}

/// Sends `message` when it is called for the first time, on behalf of what has set the timer.
fn once<M: Send + 'static>(message: M, cause: Cause) -> impl FnMut(&Address<M>) -> Option<Instant> + Send + 'static {
    let mut message = Some((message, cause));
    move |to| {
        if let Some((message, cause)) = message.take() {
            cause.of(|| deliver(to, message));
        }
        None
    }
}

/// A timer has nobody to tell: what finds its addressee gone vanishes, and what is lost otherwise is logged.
fn deliver<M: Send + 'static>(to: &Address<M>, message: M) {
    match to.try_send(message) {
        Ok(()) | Err(TrySendError::NoProc { .. }) => {}
        Err(TrySendError::Full { to: process, .. }) => mailbox_full(&process, || to.label()),
        Err(TrySendError::WrongType { wrong, .. }) => wrong_type(&wrong),
    }
}

/// The first multiple of the period after `due` that is not in the past.
pub(super) fn next_period(due: Instant, period: Duration, now: Instant) -> Instant {
    let missed = (now - due).as_nanos() / period.as_nanos();
    let next = due.as_nanos() as u128 + (missed + 1) * period.as_nanos();
    u64::try_from(next).map_or(Instant::FAR_FUTURE, Instant::from_nanos)
}
