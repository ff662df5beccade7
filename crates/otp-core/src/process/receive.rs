use std::mem;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Doing;
use super::cell::{Cell, Opaque};
use super::context::ProcessContext;
use super::deposit::{Deposit, Shown};
use super::header::Header;
use super::message::{Mail, Message, MessageRef};
use super::time_limit::TimeLimit;
use crate::switch::lets_others_run;

/// Polls for the next message by hand. Behaviours use it for small futures that move messages no more often than
/// necessary; the receives of [`ProcessContext`] are built on it.
#[derive(Debug)]
pub struct Receive {
    /// The number of messages that have been looked at and do not match. A mailbox with more does not fit into memory.
    seen: u32,
    /// Whether this receive has yielded; only for a simulation.
    switched: bool,
    limit: TimeLimit,
}

impl Receive {
    /// Waits without a time limit.
    pub fn without_limit() -> Receive {
        Receive { seen: 0, switched: false, limit: TimeLimit::NEVER }
    }

    /// Waits at most for `limit`, from the first poll on.
    pub fn within(limit: Duration) -> Receive {
        Receive { seen: 0, switched: false, limit: TimeLimit::new(limit) }
    }

    /// Skips the first `skipped` messages.
    pub(super) fn after(self, skipped: usize) -> Receive {
        Receive { seen: u32::try_from(skipped).unwrap_or(u32::MAX), ..self }
    }

    /// Returns the first message that `wanted` accepts; `None` when the time is up. `wanted` is called once for each
    /// message. With a limit of zero it looks at the mailbox once.
    ///
    /// In a behaviour, [`Signal::Stop`] and [`Signal::System`] are always accepted, without a call of `wanted`. In any
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

    /// Like [`poll`](Receive::poll), for callbacks of a behaviour: signals for the behaviour's loop stay in the
    /// mailbox.
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
        cell.header.handled_by_receiving();
        if cell.header.is_about_to_end() {
            // The process ends as soon as this poll is over; it receives nothing any more.
            return self.limit.wait(cx).or_leave();
        }
        // The data pointer of the process's own wakers is its allocation.
        let own_waker = std::ptr::addr_eq(cx.waker().data(), std::ptr::from_ref(cell));
        loop {
            while let Some(mail) = taken.get(self.seen as usize) {
                let is_wanted = match mail {
                    Mail::Message(message) => wanted(MessageRef::User(message)),
                    deposit if deposit.is_deposit() => {
                        // It is not opened before it can be received.
                        if !cell.header.has_budget() && !cell.header.spend() && self.has_to_yield(&cell.header, cx) {
                            return Poll::Pending;
                        }
                        match Deposit::look(taken, self.seen as usize, &mut wanted) {
                            Shown::Wanted(note) => {
                                cell.header.receives(note);
                                true
                            }
                            Shown::Unwanted => false,
                            Shown::Gone => {
                                note_gone(cell, taken.len());
                                continue;
                            }
                        }
                    }
                    Mail::Signal(signal) => match MessageRef::of_signal(signal) {
                        Some(message) => wanted(message),
                        None if ctx.process.stops_for(signal) => return self.limit.wait(cx).or_leave(),
                        None => SYSTEM,
                    },
                };
                if !is_wanted {
                    self.seen += 1;
                    continue;
                }
                if !cell.header.spend() && self.has_to_yield(&cell.header, cx) {
                    return Poll::Pending;
                }
                let mail = match self.seen as usize {
                    0 => taken.pop_front(),
                    seen => {
                        cell.header.note_hole();
                        taken.remove(seen)
                    }
                };
                let mail = mail.expect("it was just there");
                note_received(cell, &mail, taken.len());
                return Poll::Ready(Some(mail));
            }
            if let Some(message) = cell.accept_offer() {
                if !wanted(MessageRef::User(&message)) {
                    cell.adopt_offer(message, taken);
                    self.seen += 1;
                    continue;
                }
                if cell.header.is_watched() {
                    cell.header.receives(cell.header.take_note());
                }
                cell.header.spend();
                cell.header.count_received();
                cell.header.set_doing(Doing::RUNNING);
                return Poll::Ready(Some(Mail::Message(message)));
            }
            // A task that polls this under another waker may not be part of a poll of the process.
            let may_have_mail = !own_waker || cell.header.may_have_mail();
            if !may_have_mail || !cell.take(taken) {
                break;
            }
        }
        if self.limit.is_zero() {
            // This costs budget, too: a loop of such receives yields to others, and ends with its process.
            if !cell.header.spend() && self.has_to_yield(&cell.header, cx) {
                return Poll::Pending;
            }
            return Poll::Ready(None);
        }
        cell.header.set_doing(Doing::RECEIVING);
        self.switched = true;
        if !own_waker {
            // This is polled under a foreign waker, such as that of a `FuturesUnordered`. Arrivals wake the process;
            // that waker has to be woken too. A message may have arrived before the waker was set.
            cell.mailbox.set_receiver(cx.waker().clone());
            if cell.take(taken) {
                cx.waker().wake_by_ref();
            }
        } else if taken.is_empty() {
            cell.header.park();
        } else {
            cell.header.may_go_on();
        }
        match self.limit.poll(cell.header.system.runtime(), cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending if own_waker => Poll::Pending,
            Poll::Pending => self.limit.wait(cx).or_leave(),
        }
    }

    /// Whether a process that cannot pay for what it would receive now lets others run before, and is polled again. In a
    /// simulation, where there is no budget, each receive does so once: here, or by waiting.
    #[cold]
    fn has_to_yield(&mut self, header: &Header, cx: &mut Context<'_>) -> bool {
        let yields = !header.is_directed() || (!mem::replace(&mut self.switched, true) && lets_others_run(cx.waker()));
        if yields {
            cx.waker().wake_by_ref();
        }
        yields
    }
}

impl<M: Send + 'static> ProcessContext<M> {
    /// Returns the next mail that was taken over with other mail, if nothing holds it up: what a [`Receive`] that
    /// accepts everything would return at once.
    #[inline]
    pub(crate) fn take_ready(&mut self) -> Option<Mail<M>> {
        let (cell, taken) = (&**self.own.cell(), self.taken.get_mut());
        if taken.is_empty() || cell.header.state.is_doomed() || !cell.header.has_budget() {
            return None;
        }
        while taken.front()?.is_deposit() {
            match Deposit::look(taken, 0, |_| true) {
                Shown::Gone => note_gone(cell, taken.len()),
                Shown::Wanted(note) => {
                    cell.header.receives(note);
                    break;
                }
                Shown::Unwanted => break,
            }
        }
        cell.header.spend();
        let mail = taken.pop_front()?;
        note_received(cell, &mail, taken.len());
        Some(mail)
    }
}

/// Notes that the process came to a message that was taken back, and that so many are left.
#[cold]
pub(super) fn note_gone<M>(cell: &Cell<M, dyn Opaque<M>>, left: usize) {
    // For the marks that are set, as what was there has become less.
    cell.header.count_received();
    cell.mailbox.set_taken(left);
    cell.mailbox.make_room();
}

/// Records that the process has received a message, and how many of the messages that it had taken over are left.
#[inline]
fn note_received<M>(cell: &Cell<M, dyn Opaque<M>>, mail: &Mail<M>, left: usize) {
    cell.header.count_received();
    cell.mailbox.received(mail, left);
    cell.header.set_doing(Doing::RUNNING);
}
