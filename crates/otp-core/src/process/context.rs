use std::collections::VecDeque;
use std::fmt;
use std::future;
use std::ops::Deref;
use std::task::Poll;
use std::time::Duration;

use sync_wrapper::SyncWrapper;

use super::deposit::{Deposit, Shown};
use super::end;
use super::handle::Process;
use super::header::Header;
use super::message::{Mail, Message, MessageRef, Signal};
use super::present::with_present;
use super::process_ref::ProcessRef;
use super::receive::{Receive, note_gone};
use super::reference::MonitorRef;
use super::spawn::Spawner;
use crate::system::System;

/// Gives the body of a process its mailbox and, by dereferencing to [`Process`], everything that a process can do.
///
/// Only the process itself can receive from its mailbox. Each receive takes the first message that it accepts, in order
/// of arrival, and leaves the others where they are.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{Message, ProcessContext};
///
/// let adder = system.spawn(async |mut ctx: ProcessContext<i64>| {
///     let mut sum = 0;
///     while sum < 10 {
///         if let Message::User(n) = ctx.receive().await {
///             sum += n;
///         }
///     }
///     otp::ExitReason::other(sum)
/// });
/// let exited = adder.exited();
/// adder.send(4).await.unwrap();
/// adder.send(7).await.unwrap();
/// assert_eq!(exited.await, otp::ExitReason::other(11_i64));
/// # }).unwrap();
/// ```
pub struct ProcessContext<M> {
    pub(super) process: Process,
    pub(super) own: ProcessRef<M>,
    /// Mail that was taken from the shared half of the mailbox and is not received yet.
    pub(super) taken: SyncWrapper<VecDeque<Mail<M>>>,
}

impl<M: Send + 'static> ProcessContext<M> {
    pub(crate) fn new(own: ProcessRef<M>) -> ProcessContext<M> {
        let process = with_present(|present| present.map(|present| Process::new(present.process())))
            .expect("a context is made by the process that it belongs to");
        ProcessContext { process, own, taken: SyncWrapper::new(VecDeque::new()) }
    }

    /// Returns a reference to this process, to give to others.
    pub fn this(&self) -> ProcessRef<M> {
        self.own.clone()
    }

    /// Receives the next message; waits until there is one.
    ///
    /// After [`Process::BUDGET`] messages in a row it yields to other processes before it continues.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no message is lost.
    pub fn receive(&mut self) -> impl Future<Output = Message<M>> {
        self.receive_match(|_| true)
    }

    /// Receives the next message; `None` if there is none within `timeout`. With a timeout of zero it looks at the
    /// mailbox once.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](ProcessContext::receive): no message is lost, even if the timeout fires as it arrives.
    pub fn receive_timeout(&mut self, timeout: Duration) -> impl Future<Output = Option<Message<M>>> {
        self.receive_match_timeout(|_| true, timeout)
    }

    /// Receives the first message that `wanted` accepts (selective receive); waits until there is one. Other messages
    /// stay, in order.
    ///
    /// `wanted` is called once for each message, in order of arrival.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](ProcessContext::receive).
    pub fn receive_match(
        &mut self,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
    ) -> impl Future<Output = Message<M>> {
        let mut receive = Receive::without_limit();
        future::poll_fn(move |cx| match receive.poll_message(self, &mut wanted, cx) {
            Poll::Ready(Some(message)) => Poll::Ready(message),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        })
    }

    /// Receives the first message that `wanted` accepts; `None` if no such message comes within `timeout`. See
    /// [`receive_match`](ProcessContext::receive_match).
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](ProcessContext::receive).
    pub fn receive_match_timeout(
        &mut self,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        timeout: Duration,
    ) -> impl Future<Output = Option<Message<M>>> {
        let mut receive = Receive::within(timeout);
        future::poll_fn(move |cx| receive.poll_message(self, &mut wanted, cx))
    }

    /// Marks the current end of the mailbox, for a receive that looks only at later messages.
    ///
    /// Use it for a request whose answer can only arrive after the request was sent: mark, send, receive after the
    /// mark. The cost of the receive then does not depend on how many other messages wait. The BEAM's compiler does the
    /// same for a `receive` of a reference that was just made.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::process::MessageRef;
    /// use otp::{Message, ProcessContext};
    ///
    /// let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
    ///     ctx.this().try_send(1).unwrap();
    ///     let mark = ctx.mark();
    ///     ctx.this().try_send(2).unwrap();
    ///     assert_eq!(ctx.receive_match_after(mark, |_| true).await, Message::User(2));
    ///     assert_eq!(ctx.receive().await, Message::User(1));
    /// });
    /// assert_eq!(process.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn mark(&mut self) -> Mark {
        let taken = self.taken.get_mut();
        self.own.cell().take_all(taken);
        Mark { waiting: taken.len(), received: self.own.header().handled() }
    }

    /// Receives like [`receive_match`](ProcessContext::receive_match), but skips messages that were there when the mark
    /// was set. If messages were received since, it may look at some of the skipped ones.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](ProcessContext::receive).
    pub fn receive_match_after(
        &mut self,
        mark: Mark,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
    ) -> impl Future<Output = Message<M>> {
        let mut receive = Receive::without_limit().after(self.skipped(mark));
        future::poll_fn(move |cx| match receive.poll_message(self, &mut wanted, cx) {
            Poll::Ready(Some(message)) => Poll::Ready(message),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        })
    }

    /// Receives like [`receive_match_after`](ProcessContext::receive_match_after); `None` if no such message comes
    /// within `timeout`.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](ProcessContext::receive).
    pub fn receive_match_after_timeout(
        &mut self,
        mark: Mark,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        timeout: Duration,
    ) -> impl Future<Output = Option<Message<M>>> {
        let mut receive = Receive::within(timeout).after(self.skipped(mark));
        future::poll_fn(move |cx| receive.poll_message(self, &mut wanted, cx))
    }

    /// The number of waiting messages that were certainly there at the mark: each message received since may be one of
    /// them.
    fn skipped(&self, mark: Mark) -> usize {
        let received = self.own.header().handled().saturating_sub(mark.received);
        mark.waiting.saturating_sub(usize::try_from(received).unwrap_or(usize::MAX))
    }

    /// Receives the first message that `wanted` accepts, if it is there; does not wait.
    pub fn try_receive_match(&mut self, mut wanted: impl FnMut(MessageRef<'_, M>) -> bool) -> Option<Message<M>> {
        let (cell, taken) = (self.own.cell(), self.taken.get_mut());
        cell.take_all(taken);
        let mut place = 0;
        loop {
            let is_wanted = match taken.get(place)? {
                Mail::Message(message) => wanted(MessageRef::User(message)),
                deposit if deposit.is_deposit() => match Deposit::look(taken, place, &mut wanted) {
                    Shown::Wanted(note) => {
                        cell.header.receives(note);
                        true
                    }
                    Shown::Unwanted => false,
                    Shown::Gone => {
                        note_gone(cell, taken.len());
                        continue;
                    }
                },
                Mail::Signal(signal) => match MessageRef::of_signal(signal) {
                    Some(message) => wanted(message),
                    None if self.process.stops_for(signal) => return None,
                    None => false,
                },
            };
            if is_wanted {
                break;
            }
            place += 1;
        }
        if place > 0 {
            cell.header.note_hole();
        }
        let mail = taken.remove(place).expect("it was just there");
        cell.mailbox.received(&mail, taken.len());
        cell.header.count_received();
        mail.into_message()
    }

    /// Frees memory that the mailbox does not need while it is empty; part of OTP's hibernation.
    pub fn release_memory(&mut self) {
        self.taken.get_mut().shrink_to_fit();
        self.own.cell().mailbox.release_memory();
    }

    pub(crate) fn header(&self) -> &Header {
        self.own.header()
    }

    /// Removes a monitor, and its [`Down`](super::Down) if that has already arrived; false if the monitor was no longer
    /// there.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        let removed = self.process.demonitor(monitor);
        let (mailbox, taken) = (&self.own.cell().mailbox, self.taken.get_mut());
        self.own.cell().take_all(taken);
        let before = taken.len();
        taken.retain(|mail| match mail {
            Mail::Signal(signal) => !matches!(&**signal, Signal::Down(down) if down.monitor == monitor),
            Mail::Message(_) => true,
        });
        mailbox.set_taken(taken.len());
        // For existing marks: fewer of the messages before them are left.
        (taken.len()..before).for_each(|_| self.own.header().count_received());
        removed
    }

    /// Yields to other processes once.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::{ExitReason, ProcessContext};
    /// let polite = system.spawn(async |ctx: ProcessContext<()>| ctx.yield_now().await);
    /// assert_eq!(polite.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn yield_now(&self) -> impl Future<Output = ()> + use<M> {
        crate::yield_now()
    }
}

/// Mail that was taken and not received goes back to the mailbox: it is dropped with the other unread mail, each
/// message separately, and not in the middle of a panic that ends the process.
impl<M> Drop for ProcessContext<M> {
    fn drop(&mut self) {
        let taken = std::mem::take(self.taken.get_mut());
        if !taken.is_empty() {
            let closed = self.own.cell().mailbox.give_back(taken);
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

/// A position in the mailbox; see [`ProcessContext::mark`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The number of waiting messages.
    waiting: usize,
    /// The number of messages received before.
    received: u64,
}
