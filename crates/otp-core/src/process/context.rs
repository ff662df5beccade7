use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use super::cell::with_present;
use super::handle::Process;
use super::message::{Envelope, Message, Signal};
use super::monitor::MonitorRef;
use super::process_ref::ProcessRef;
use super::spawn::Spawner;
use super::{Doing, end};
use crate::runtime::{BoxTimer, Instant};
use crate::system::System;

/// What the body of a process is given: its mailbox and, through [`Process`], what it may do.
///
/// Only the process itself receives from its mailbox. Messages arrive in the order in which they came in; each
/// receive takes the first one that it wants and leaves the others where they are.
///
/// ```
/// # otp_tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp_core::{ProcessContext, Message};
///
/// let adder = system.spawn(async |mut ctx: ProcessContext<i64>| {
///     let mut sum = 0;
///     while sum < 10 {
///         if let Message::User(n) = ctx.receive().await {
///             sum += n;
///         }
///     }
///     otp_core::ExitReason::other(sum)
/// });
/// let exited = adder.exited();
/// adder.send(4).await.unwrap();
/// adder.send(7).await.unwrap();
/// assert_eq!(exited.await, otp_core::ExitReason::other(11_i64));
/// # }).unwrap();
/// ```
pub struct ProcessContext<M> {
    process: Process,
    own: ProcessRef<M>,
    /// What has been taken from the shared half of the mailbox and not yet been received.
    taken: VecDeque<Envelope<M>>,
    timer: Option<BoxTimer>,
}

impl<M: Send + 'static> ProcessContext<M> {
    pub(super) fn new(own: ProcessRef<M>) -> ProcessContext<M> {
        let process = with_present(|present| present.map(|present| Process::new(present.process())))
            .expect("a context is made by the process that it belongs to");
        ProcessContext { process, own, taken: VecDeque::new(), timer: None }
    }

    /// A reference to this process, to give to others.
    pub fn this(&self) -> ProcessRef<M> {
        self.own.clone()
    }

    /// Receives the next message; waits until there is one.
    ///
    /// After 128 messages in a row it lets other processes run before it goes on.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no message is lost.
    pub async fn receive(&mut self) -> Message<M> {
        self.receive_match(|_| true).await
    }

    /// Receives the next message, or `None` if there is none within `timeout`. With a timeout of zero it looks at
    /// the mailbox once.
    ///
    /// # Cancel safety
    ///
    /// As [`receive`](ProcessContext::receive): a message is never lost, also when the timeout fires as it arrives.
    pub async fn receive_timeout(&mut self, timeout: Duration) -> Option<Message<M>> {
        self.receive_match_timeout(|_| true, timeout).await
    }

    /// Receives the first message that `wanted` accepts; waits until there is one. Others stay, in their order.
    ///
    /// Each message is looked at once, in order of arrival.
    ///
    /// # Cancel safety
    ///
    /// As [`receive`](ProcessContext::receive).
    pub async fn receive_match(&mut self, mut wanted: impl FnMut(MessageRef<'_, M>) -> bool) -> Message<M> {
        let mut seen = 0;
        std::future::poll_fn(|cx| self.poll_match(&mut seen, &mut wanted, cx).found()).await
    }

    /// As [`receive_match`](ProcessContext::receive_match), or `None` if no such message comes within `timeout`.
    ///
    /// # Cancel safety
    ///
    /// As [`receive`](ProcessContext::receive).
    pub async fn receive_match_timeout(
        &mut self,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        timeout: Duration,
    ) -> Option<Message<M>> {
        let deadline = self.system().now() + timeout;
        let mut armed = false;
        let mut seen = 0;
        std::future::poll_fn(|cx| match self.poll_match(&mut seen, &mut wanted, cx) {
            Look::Found(message) => Poll::Ready(Some(message)),
            Look::Yield => Poll::Pending,
            Look::Nothing if timeout.is_zero() => Poll::Ready(None),
            Look::Nothing => self.poll_timer(deadline, &mut armed, cx).map(|()| None),
        })
        .await
    }

    /// The first message that `wanted` accepts, if it is there; does not wait.
    pub fn try_receive_match(&mut self, mut wanted: impl FnMut(MessageRef<'_, M>) -> bool) -> Option<Message<M>> {
        let mailbox = &self.own.cell().mailbox;
        mailbox.take(&mut self.taken);
        let place = self.taken.iter().position(|envelope| wanted(MessageRef::of(envelope)))?;
        let envelope = self.taken.remove(place).expect("it was just there");
        mailbox.received(&envelope, self.taken.len());
        self.own.cell().header.count_received();
        Some(envelope.into())
    }

    /// Gives back memory that the mailbox does not need while it is empty; part of OTP's hibernation.
    pub fn release_memory(&mut self) {
        self.taken.shrink_to_fit();
        self.own.cell().mailbox.release_memory();
    }

    /// Takes a monitor away, with the [`Down`](super::Down) that may have arrived already; false if the monitor was
    /// no longer there.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        let removed = self.process.demonitor(monitor);
        self.own.cell().mailbox.take(&mut self.taken);
        self.taken.retain(|envelope| match envelope {
            Envelope::Signal(signal) => !matches!(&**signal, Signal::Down(down) if down.monitor == monitor),
            Envelope::Message(_) => true,
        });
        self.own.cell().mailbox.set_taken(self.taken.len());
        removed
    }

    /// Lets other processes run, then goes on.
    ///
    /// ```
    /// # otp_tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp_core::{ExitReason, ProcessContext};
    /// let polite = system.spawn(async |ctx: ProcessContext<()>| ctx.yield_now().await);
    /// assert_eq!(polite.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn yield_now(&self) -> impl Future<Output = ()> + Send + use<M> {
        // It must not borrow the context, which is not `Sync`: no process body could hold it across an await.
        crate::yield_now()
    }

    /// Looks at each message from the `seen`-th on; those before it have been looked at.
    fn poll_match(
        &mut self,
        seen: &mut usize,
        wanted: &mut impl FnMut(MessageRef<'_, M>) -> bool,
        cx: &mut task::Context<'_>,
    ) -> Look<M> {
        let cell = self.own.cell();
        if cell.header.state.is_doomed() {
            // It ends as soon as this poll is over; nothing is received any more.
            return Look::Yield;
        }
        loop {
            while let Some(envelope) = self.taken.get(*seen) {
                if !wanted(MessageRef::of(envelope)) {
                    *seen += 1;
                    continue;
                }
                if !cell.header.spend() {
                    cx.waker().wake_by_ref();
                    return Look::Yield;
                }
                cell.header.count_received();
                let envelope = self.taken.remove(*seen).expect("it was just there");
                cell.mailbox.received(&envelope, self.taken.len());
                cell.header.set_doing(Doing::Running);
                return Look::Found(envelope.into());
            }
            if !cell.mailbox.take(&mut self.taken) {
                break;
            }
        }
        cell.header.set_doing(Doing::Receiving);
        if !self.is_own_waker(cx.waker()) {
            // Somebody polls this under a waker of their own, such as a `FuturesUnordered`. Arrivals wake the
            // process; that waker has to be woken too. One may have come in before it was set.
            cell.mailbox.set_receiver(cx.waker());
            if cell.mailbox.take(&mut self.taken) {
                cx.waker().wake_by_ref();
            }
        } else if self.taken.is_empty() {
            cell.header.state.park();
        }
        Look::Nothing
    }

    fn poll_timer(&mut self, deadline: Instant, armed: &mut bool, cx: &mut task::Context<'_>) -> Poll<()> {
        if deadline == Instant::FAR_FUTURE {
            return Poll::Pending;
        }
        let runtime = self.own.system().runtime();
        match &mut self.timer {
            Some(timer) if !*armed => timer.as_mut().reset(deadline),
            Some(_) => {}
            None => self.timer = Some(runtime.timer(deadline)),
        }
        *armed = true;
        self.timer.as_mut().map_or(Poll::Pending, |timer: &mut BoxTimer| Pin::as_mut(timer).poll_expired(cx))
    }

    /// Whether `waker` wakes the process itself; the data pointer of those is the process's allocation.
    fn is_own_waker(&self, waker: &task::Waker) -> bool {
        std::ptr::addr_eq(waker.data(), std::ptr::from_ref(self.own.cell()))
    }
}

/// What a look at the mailbox found. Unless it is a message, the process will be woken for the next look.
enum Look<M> {
    Found(Message<M>),
    /// There may be one, but others come first, or the process ends.
    Yield,
    Nothing,
}

impl<M> Look<M> {
    fn found(self) -> Poll<Message<M>> {
        match self {
            Look::Found(message) => Poll::Ready(message),
            Look::Yield | Look::Nothing => Poll::Pending,
        }
    }
}

/// What was taken and not received goes back: it is dropped with what else is unread, each message on its own, and not
/// in the middle of a panic that ends the process.
impl<M> Drop for ProcessContext<M> {
    fn drop(&mut self) {
        if !self.taken.is_empty() {
            let closed = self.own.cell().mailbox.give_back(std::mem::take(&mut self.taken));
            end::drop_each(self.own.header(), closed);
        }
    }
}

impl<M: Send + 'static> Spawner for ProcessContext<M> {
    fn system(&self) -> &System {
        self.process.system()
    }

    fn process(&self) -> Option<Process> {
        Some(self.process.clone())
    }
}

impl<M> Deref for ProcessContext<M> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl<M> fmt::Debug for ProcessContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessContext({})", self.process.pid())
    }
}

/// A message that waits in the mailbox, as a selective receive looks at it.
#[derive(Debug)]
pub enum MessageRef<'a, M> {
    /// See [`Message::User`].
    User(&'a M),
    /// See [`Message::Exit`].
    Exit(&'a super::Exit),
    /// See [`Message::Down`].
    Down(&'a super::Down),
}

impl<'a, M> MessageRef<'a, M> {
    fn of(envelope: &'a Envelope<M>) -> MessageRef<'a, M> {
        match envelope {
            Envelope::Message(message) => MessageRef::User(message),
            Envelope::Signal(signal) => match &**signal {
                Signal::Exit(exit) => MessageRef::Exit(exit),
                Signal::Down(down) => MessageRef::Down(down),
            },
        }
    }
}
