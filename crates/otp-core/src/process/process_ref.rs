use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::Pid;
use super::cell::{Cell, Opaque};
use super::header::{AnyProcess, Header};
use super::mailbox::Refused;
use super::message::Target;
use super::present::with_present;
use crate::call::Exited;
use crate::exit::ExitReason;
use crate::system::System;

/// A handle to a process that receives `M`. Cheap to clone; sends without looking anything up.
///
/// Holding one does not keep the process running. Messages from one sender to one process arrive in the order they
/// were sent; nothing is promised between different senders.
pub struct ProcessRef<M> {
    cell: Arc<Cell<M, dyn Opaque<M>>>,
}

impl<M: Send + 'static> ProcessRef<M> {
    pub(crate) fn new(cell: Arc<Cell<M, dyn Opaque<M>>>) -> ProcessRef<M> {
        ProcessRef { cell }
    }

    /// The process's pid.
    pub fn pid(&self) -> Pid {
        self.cell.header.pid
    }

    /// The system that the process belongs to.
    pub fn system(&self) -> &System {
        &self.cell.header.system
    }

    /// False once the process has ended: its state is dropped, its name is free.
    pub fn is_alive(&self) -> bool {
        self.cell.header.relations.lock().alive().is_some()
    }

    /// Sends a message; waits while a bounded mailbox is full. A process lets others run after 128 messages in a row.
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the message back when the process has ended, also while waiting. (In Erlang such a
    /// message vanishes; ignore the error to have that.)
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent and is dropped.
    pub fn send(&self, message: M) -> Sending<M> {
        Sending { to: self.clone(), message: Some(message), ticket: None }
    }

    /// Sends a message without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the message back when the process has ended, or its bounded mailbox is full.
    #[inline]
    pub fn try_send(&self, message: M) -> Result<(), TrySendError<M>> {
        self.push(message)?;
        self.cell.header.notify_pushed();
        Ok(())
    }

    /// Puts a message into the mailbox and leaves it to the caller to wake the process.
    #[inline]
    pub(super) fn push(&self, message: M) -> Result<(), TrySendError<M>> {
        let Some(message) = self.hold(message) else { return Ok(()) };
        match self.cell.mailbox.push(message) {
            Ok(()) => {
                self.note_sent();
                Ok(())
            }
            Err(refused) => Err(self.refused(refused)),
        }
    }

    #[cold]
    fn refused(&self, refused: Refused<M>) -> TrySendError<M> {
        match refused {
            Refused::Closed(message) => TrySendError::NoProc { to: self.into(), message },
            Refused::Full(message) => TrySendError::Full { to: self.into(), message },
        }
    }

    /// Sends the process an exit signal; see [`System::exit`].
    pub fn exit(&self, reason: ExitReason) {
        self.system().exit(self.pid(), reason);
    }

    /// Waits for the end of the process and tells its reason, also when it has already ended.
    pub fn exited(&self) -> Exited {
        Exited::of(&self.cell.header)
    }

    /// Puts a message into the mailbox, or hands it back. The caller wakes the process.
    pub(super) fn put(&self, message: M) -> Result<(), M> {
        self.cell.mailbox.push(message).map_err(|(Refused::Closed(message) | Refused::Full(message))| message)?;
        self.note_sent();
        Ok(())
    }

    /// One attempt of [`send`](ProcessRef::send), which holds `ticket` while it stands in the line.
    pub(crate) fn poll_send(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &task::Waker,
    ) -> Poll<Result<(), M>> {
        if ticket.is_none() && self.header().is_directed() {
            *message = message.take().and_then(|message| self.hold(message));
            if message.is_none() {
                return Poll::Ready(Ok(()));
            }
        }
        match self.cell.mailbox.poll_push(message, ticket, waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => {
                self.note_sent();
                self.cell.header.notify_pushed();
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(Refused::Closed(message) | Refused::Full(message))) => {
                *ticket = None;
                Poll::Ready(Err(message))
            }
        }
    }

    pub(crate) fn leave(&self, ticket: usize) {
        self.cell.mailbox.leave(ticket);
    }

    /// Messages that wait, and the bound if there is one.
    pub(crate) fn queue(&self) -> (usize, Option<usize>) {
        (self.cell.mailbox.len(), self.cell.mailbox.limit())
    }
}

impl<M> ProcessRef<M> {
    pub(super) fn cell(&self) -> &Arc<Cell<M, dyn Opaque<M>>> {
        &self.cell
    }

    pub(crate) fn untyped(&self) -> Arc<dyn AnyProcess> {
        self.cell.body().untyped(&self.cell)
    }

    pub(crate) fn header(&self) -> &Header {
        &self.cell.header
    }
}

impl<M> Clone for ProcessRef<M> {
    fn clone(&self) -> ProcessRef<M> {
        ProcessRef { cell: self.cell.clone() }
    }
}

impl<M: Send + 'static> From<&ProcessRef<M>> for Target {
    fn from(process: &ProcessRef<M>) -> Target {
        Target::Pid(process.pid())
    }
}

/// Two references are equal if they mean the same process.
impl<M> PartialEq for ProcessRef<M> {
    fn eq(&self, other: &ProcessRef<M>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.cell), Arc::as_ptr(&other.cell))
    }
}

impl<M> Eq for ProcessRef<M> {}

impl<M> fmt::Debug for ProcessRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessRef({})", self.cell.header.pid)
    }
}

/// The future of [`ProcessRef::send`].
#[must_use = "the message is sent when this is awaited"]
pub struct Sending<M: Send + 'static> {
    to: ProcessRef<M>,
    message: Option<M>,
    ticket: Option<usize>,
}

impl<M: Send + 'static> Unpin for Sending<M> {}

impl<M: Send + 'static> Future for Sending<M> {
    type Output = Result<(), SendError<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let Sending { to, message, ticket } = self.get_mut();
        if ticket.is_none() && has_to_yield() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        to.poll_send(message, ticket, cx.waker()).map_err(|message| SendError { to: Target::Pid(to.pid()), message })
    }
}

/// A process that only sends must neither keep its thread from others nor outlive a signal that ends it.
fn has_to_yield() -> bool {
    with_present(|present| {
        present.is_some_and(|process| process.header().state.is_doomed() || !process.header().spend())
    })
}

impl<M: Send + 'static> Drop for Sending<M> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.to.leave(ticket);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Sending<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sending(to {})", self.to.pid())
    }
}

/// The process to which a message was sent has ended; the message comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot send to {to}: no such process")]
#[non_exhaustive]
pub struct SendError<M> {
    /// The process, or the name that nobody holds.
    pub to: Target,
    /// The message.
    pub message: M,
}

impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("to", &self.to).finish_non_exhaustive()
    }
}

/// A message that could not be sent at once; it comes back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<M> {
    /// The process has ended.
    #[error("cannot send to {to}: no such process")]
    NoProc {
        /// The process, or the name that nobody holds.
        to: Target,
        /// The message.
        message: M,
    },
    /// The mailbox is bounded and full.
    #[error("cannot send to {to}: its mailbox is full")]
    Full {
        /// The process.
        to: Target,
        /// The message.
        message: M,
    },
}

impl<M> From<SendError<M>> for TrySendError<M> {
    fn from(SendError { to, message }: SendError<M>) -> TrySendError<M> {
        TrySendError::NoProc { to, message }
    }
}

impl<M> TrySendError<M> {
    /// The same error with another message.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> TrySendError<N> {
        match self {
            TrySendError::NoProc { to, message } => TrySendError::NoProc { to, message: change(message) },
            TrySendError::Full { to, message } => TrySendError::Full { to, message: change(message) },
        }
    }

    /// The message.
    pub fn into_message(self) -> M {
        match self {
            TrySendError::NoProc { message, .. } | TrySendError::Full { message, .. } => message,
        }
    }
}

impl<M> fmt::Debug for TrySendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, to) = match self {
            TrySendError::NoProc { to, .. } => ("NoProc", to),
            TrySendError::Full { to, .. } => ("Full", to),
        };
        f.debug_struct(name).field("to", to).finish_non_exhaustive()
    }
}
