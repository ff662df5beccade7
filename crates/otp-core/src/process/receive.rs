use std::task::{Context, Poll};
use std::time::Duration;

use super::Doing;
use super::cell::{Cell, Opaque};
use super::context::{MessageRef, ProcessContext};
use super::message::{Mail, Message};
use super::time_limit::TimeLimit;

/// A receive under way, polled by hand: the receives of [`ProcessContext`] are made of it, and behaviours, whose futures
/// are to be small and whose messages are not to be moved more often than they must.
#[derive(Debug)]
pub struct Receive {
    /// How many messages have been looked at, and are not wanted.
    seen: usize,
    limit: TimeLimit,
}

impl Receive {
    /// Waits as long as it takes.
    pub fn without_limit() -> Receive {
        Receive { seen: 0, limit: TimeLimit::NEVER }
    }

    /// Waits for so long, from the first poll on.
    pub fn within(limit: Duration) -> Receive {
        Receive { seen: 0, limit: TimeLimit::new(limit) }
    }

    /// Does not look at the first `skipped` messages.
    pub(super) fn after(self, skipped: usize) -> Receive {
        Receive { seen: skipped, ..self }
    }

    /// The first message that `wanted` accepts, which is asked once for each; `None` when the time is up. With a limit
    /// of zero it looks at the mailbox once.
    ///
    /// [`Signal::Stop`] and [`Signal::System`] are always accepted in a behaviour, and `wanted` is not asked. In any
    /// other process a request to stop ends the process here.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped before it is ready, no message is lost.
    ///
    /// [`Signal::Stop`]: super::Signal::Stop
    /// [`Signal::System`]: super::Signal::System
    pub fn poll<M: Send + 'static>(
        &mut self,
        ctx: &mut ProcessContext<M>,
        wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Mail<M>>> {
        self.poll_mail::<M, true>(ctx, wanted, cx)
    }

    /// As [`poll`](Receive::poll), for code that is not the behaviour's own: what only that may have stays where it is.
    pub(super) fn poll_message<M: Send + 'static>(
        &mut self,
        ctx: &mut ProcessContext<M>,
        wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Message<M>>> {
        self.poll_mail::<M, false>(ctx, wanted, cx).map(|mail| mail.and_then(Mail::into_message))
    }

    #[inline]
    fn poll_mail<M: Send + 'static, const SYSTEM: bool>(
        &mut self,
        ctx: &mut ProcessContext<M>,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Mail<M>>> {
        let (cell, taken) = (&**ctx.own.cell(), ctx.taken.get_mut());
        if cell.header.state.is_doomed() {
            // It ends as soon as this poll is over; nothing is received any more.
            return Poll::Pending;
        }
        // The data pointer of the process's own wakers is its allocation.
        let own_waker = std::ptr::addr_eq(cx.waker().data(), std::ptr::from_ref(cell));
        loop {
            while let Some(mail) = taken.get(self.seen) {
                let is_wanted = match mail {
                    Mail::Message(message) => wanted(MessageRef::User(message)),
                    Mail::Signal(signal) => match MessageRef::of_signal(signal) {
                        Some(message) => wanted(message),
                        None if ctx.process.stops_for(signal) => return Poll::Pending,
                        None => SYSTEM,
                    },
                };
                if !is_wanted {
                    self.seen += 1;
                    continue;
                }
                if !cell.header.spend() {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let mail = if self.seen == 0 { taken.pop_front() } else { taken.remove(self.seen) };
                let mail = mail.expect("it was just there");
                note_received(cell, &mail, taken.len());
                return Poll::Ready(Some(mail));
            }
            if let Some(message) = cell.accept_offer() {
                if !wanted(MessageRef::User(&message)) {
                    taken.push_back(Mail::Message(message));
                    cell.mailbox.adopt(taken.len());
                    self.seen += 1;
                    continue;
                }
                cell.header.spend();
                cell.header.count_received();
                cell.header.set_doing(Doing::RUNNING);
                return Poll::Ready(Some(Mail::Message(message)));
            }
            // Whoever polls it under another waker may not be in a poll of the process.
            let may_have_mail = !own_waker || cell.header.may_have_mail();
            if !may_have_mail || !cell.mailbox.take(taken) {
                break;
            }
        }
        if self.limit.is_zero() {
            // It pays, too: a loop of such receives lets others run, and ends with its process.
            if !cell.header.spend() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(None);
        }
        cell.header.set_doing(Doing::RECEIVING);
        if !own_waker {
            // Somebody polls this under a waker of their own, such as a `FuturesUnordered`. Arrivals wake the
            // process; that waker has to be woken too. One may have come in before it was set.
            cell.mailbox.set_receiver(cx.waker().clone());
            if cell.mailbox.take(taken) {
                cx.waker().wake_by_ref();
            }
        } else if taken.is_empty() {
            cell.header.set_parked(true);
        }
        self.limit.poll(cell.header.system.runtime(), cx).map(|()| None)
    }
}

impl<M: Send + 'static> ProcessContext<M> {
    /// The next mail, if it was taken over with others and nothing holds it up: what a [`Receive`] of anything would give
    /// at once.
    #[inline]
    pub(crate) fn take_ready(&mut self) -> Option<Mail<M>> {
        let (cell, taken) = (&**self.own.cell(), self.taken.get_mut());
        if taken.is_empty() || cell.header.state.is_doomed() || !cell.header.has_budget() {
            return None;
        }
        cell.header.spend();
        let mail = taken.pop_front()?;
        note_received(cell, &mail, taken.len());
        Some(mail)
    }
}

/// Notes that the process has received a message, and that so many are left of those that it had taken over.
#[inline]
fn note_received<M>(cell: &Cell<M, dyn Opaque<M>>, mail: &Mail<M>, left: usize) {
    cell.header.count_received();
    cell.mailbox.received(mail, left);
    cell.header.set_doing(Doing::RUNNING);
}
