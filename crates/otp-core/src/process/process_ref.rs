use std::any::{TypeId, type_name};
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use super::Pid;
use super::arrival::Arrival;
use super::cell::{Cell, Opaque};
use super::deposit::Deposit;
use super::header::{AnyProcess, Header};
use super::mailbox::{Added, Refused};
use super::present::with_present;
use super::room::Room;
use super::send_error::TrySendError;
use super::target::Target;
use super::ties::{Party, Side};
use crate::call::Exited;
use crate::event::Note;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::{LookupError, WrongType};
use crate::system::System;

/// Sends messages and signals to a process that receives `M`, and waits for its end. Cheap to clone; sending needs no
/// look-up.
///
/// A reference does not keep the process running. Messages from one sender to one process arrive in the order in which
/// they were sent; nothing is promised about the order of different senders.
pub struct ProcessRef<M> {
    cell: Arc<Cell<M, dyn Opaque<M>>>,
}

impl<M: Send + 'static> ProcessRef<M> {
    pub(crate) fn new(cell: Arc<Cell<M, dyn Opaque<M>>>) -> ProcessRef<M> {
        ProcessRef { cell }
    }

    /// Returns a reference to the process with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it does not receive `M`.
    pub fn of(system: &System, pid: Pid) -> Result<ProcessRef<M>, LookupError> {
        let process = system.party(pid).map_err(|reason| LookupError::because(reason, pid))?;
        let label = || match process.side() {
            Side::Here(process) => system.label_of(process.header()),
            Side::There(_) => None,
        };
        Ok(ProcessRef::typed(process.clone(), label)?)
    }

    /// Returns a typed reference if the process receives `M`; otherwise `label` is its label in the error.
    pub(crate) fn typed(
        process: Arc<dyn Party>,
        label: impl FnOnce() -> Option<Label>,
    ) -> Result<ProcessRef<M>, WrongType> {
        if process.message_type() != Some(TypeId::of::<M>()) {
            return Err(WrongType {
                label: label(),
                pid: process.ties().pid,
                receives: process.receives(),
                expected: type_name::<M>(),
            });
        }
        let mut typed: Option<ProcessRef<M>> = None;
        process.typed(&mut typed);
        Ok(typed.expect("its messages are of this type"))
    }

    /// The process's pid.
    pub fn pid(&self) -> Pid {
        self.cell.header.pid
    }

    /// The system that the process belongs to.
    pub fn system(&self) -> &System {
        &self.cell.header.system
    }

    /// Returns false once the process has ended: then its state is dropped and its name is free.
    pub fn is_alive(&self) -> bool {
        self.cell.header.is_alive()
    }

    /// Sends a message without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the message back when the process has ended, or its bounded mailbox is full.
    #[inline]
    pub fn try_send(&self, message: M) -> Result<(), TrySendError<M>> {
        self.try_push(message).map(drop)
    }

    /// As [`try_send`](ProcessRef::try_send); tells the message's place.
    #[inline]
    pub(crate) fn try_push(&self, message: M) -> Result<Arrival, TrySendError<M>> {
        if self.header().is_marked() { self.try_push_seen(message) } else { self.push(message) }
    }

    #[inline]
    fn push(&self, message: M) -> Result<Arrival, TrySendError<M>> {
        match self.cell.mailbox.push(message) {
            Ok(added) => Ok(self.notify_sent(added)),
            Err(Refused::ByPolicy(message)) => self.send_by_policy(message),
            Err(refused) => Err(self.refused(refused)),
        }
    }

    /// As [`try_push`](ProcessRef::try_push), if a director or spectators see it.
    #[cold]
    fn try_push_seen(&self, message: M) -> Result<Arrival, TrySendError<M>> {
        if let Some(note) = self.note_beside() {
            let posted = self.post_noted(message, Some(note), None);
            return posted.map(|(_, place)| place).map_err(|refused| self.refused(refused));
        }
        let Some(message) = self.hold(message) else { return Ok(Arrival::UNKNOWN) };
        match self.cell.mailbox.push(message) {
            Ok(added) => {
                self.note_sent();
                Ok(self.notify_sent(added))
            }
            Err(Refused::ByPolicy(message)) => self.send_by_policy(message),
            Err(refused) => Err(self.refused(refused)),
        }
    }

    /// The note for a message that goes into the mailbox in a deposit. With a policy it does not: a deposit is not dropped.
    fn note_beside(&self) -> Option<Box<Note>> {
        if self.cell.mailbox.has_policy { None } else { self.note() }
    }

    #[cold]
    fn refused(&self, refused: Refused<M>) -> TrySendError<M> {
        match refused {
            Refused::Closed(message) => TrySendError::NoProc { to: self.into(), message },
            Refused::Full(message) | Refused::ByPolicy(message) => TrySendError::Full { to: self.into(), message },
        }
    }

    /// Wakes the process for a message; the running process may hand over to it.
    #[inline]
    fn notify_sent(&self, added: Added) -> Arrival {
        self.header().notify_sent(added, || self.untyped())
    }

    /// Sends the process an exit signal; see [`System::exit`].
    pub fn exit(&self, reason: ExitReason) {
        self.system().exit(self.pid(), reason);
    }

    /// Waits for the end of the process and returns its reason. If the process has already ended, the future is ready
    /// at once.
    pub fn exited(&self) -> Exited {
        Exited::of(&self.cell.header)
    }

    /// Puts a message into the mailbox, or gives it back. The caller wakes the process.
    pub(super) fn put(&self, message: M) -> Result<Added, Refused<M>> {
        let added = self.cell.mailbox.push(message)?;
        self.note_sent();
        Ok(added)
    }

    /// One attempt of [`send`](ProcessRef::send), which holds `ticket` while it waits in line.
    #[inline]
    pub(crate) fn poll_send(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, M>> {
        if self.header().is_watched() && !self.cell.mailbox.has_policy {
            return self.poll_send_watched(message, ticket, waker);
        }
        if ticket.is_none() && self.header().is_directed() {
            *message = message.take().and_then(|message| self.hold(message));
            if message.is_none() {
                return Poll::Ready(Ok(Arrival::UNKNOWN));
            }
        }
        match self.cell.mailbox.poll_push(message, ticket, waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(added)) => {
                self.note_sent();
                Poll::Ready(Ok(self.notify_sent(added)))
            }
            Poll::Ready(Err(Refused::ByPolicy(mine))) => {
                *message = Some(mine);
                self.poll_send_by_policy(message, ticket, waker)
            }
            Poll::Ready(Err(Refused::Closed(message) | Refused::Full(message))) => {
                *ticket = None;
                Poll::Ready(Err(message))
            }
        }
    }

    /// As [`poll_send`](ProcessRef::poll_send), if spectators see it: it is noted once there is room.
    #[cold]
    fn poll_send_watched(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, M>> {
        match (ready!(self.poll_post(message, ticket, waker)), message.take()) {
            (Some((_, place)), _) => Poll::Ready(Ok(place)),
            (None, Some(message)) => Poll::Ready(Err(message)),
            (None, None) => Poll::Pending,
        }
    }

    /// Sends the message that `make` returns; calls `make` once there is room for the message.
    pub(crate) fn try_send_with(&self, make: &mut dyn FnMut() -> M) -> Result<Arrival, TrySendError<()>> {
        match self.cell.mailbox.reserve() {
            Ok(room) => Ok(self.fill(room, make)),
            Err(Refused::Closed(())) => Err(TrySendError::NoProc { to: self.into(), message: () }),
            Err(Refused::Full(())) => Err(TrySendError::Full { to: self.into(), message: () }),
            Err(Refused::ByPolicy(())) => self.send_with_by_policy(make),
        }
    }

    /// Like [`poll_send`](ProcessRef::poll_send), with the function of [`try_send_with`](ProcessRef::try_send_with).
    pub(crate) fn poll_send_with(
        &self,
        make: &mut dyn FnMut() -> M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>> {
        match ready!(self.cell.mailbox.poll_reserve(ticket, waker)) {
            Ok(room) => Poll::Ready(Ok(self.fill(room, make))),
            Err(Refused::ByPolicy(())) => self.poll_send_with_by_policy(make, ticket, waker),
            Err(_) => {
                *ticket = None;
                Poll::Ready(Err(()))
            }
        }
    }

    fn fill(&self, room: Room<'_, M>, make: &mut dyn FnMut() -> M) -> Arrival {
        if let Some(note) = self.note_beside() {
            let deposit = Deposit::new(make(), Some(note));
            return self.put_deposit(|mail| room.fill_with(mail), deposit, None).1;
        }
        let Some(message) = self.hold(make()) else { return Arrival::UNKNOWN };
        let added = room.fill(message);
        self.note_sent();
        added.map_or(Arrival::NOWHERE, |added| self.cell.header.notify_pushed(added))
    }

    pub(crate) fn leave(&self, ticket: usize) {
        self.cell.mailbox.leave(ticket);
    }

    /// Returns the number of waiting messages, and the bound if there is one.
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

/// Two references are equal if they refer to the same process.
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

/// True if the running process has to yield: a process that only sends must not starve others of its thread, for which
/// it is woken again, nor outlive a signal that ends it. In a simulation every send has yielded already.
pub(crate) fn has_to_yield(cx: &Context<'_>) -> bool {
    with_present(|present| {
        let Some(header) = present.map(|present| present.header()) else { return false };
        if header.is_about_to_end() {
            return true;
        }
        let yields = !header.spend() && !header.is_directed();
        if yields {
            cx.waker().wake_by_ref();
        }
        yields
    })
}
