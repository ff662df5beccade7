use std::task::{Context, Poll};
use std::time::Duration;

use super::Doing;
use super::alarm::TimeLimit;
use super::context::{MessageRef, ProcessContext};
use super::message::{Envelope, Message};

/// A receive under way, polled by hand: the receives of [`ProcessContext`] are made of it, and behaviours whose futures
/// are to be small.
#[doc(hidden)]
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
    pub fn poll<M: Send + 'static>(
        &mut self,
        ctx: &mut ProcessContext<M>,
        mut wanted: impl FnMut(MessageRef<'_, M>) -> bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Message<M>>> {
        let (cell, taken) = (&**ctx.own.cell(), ctx.taken.get_mut());
        if cell.header.state.is_doomed() {
            // It ends as soon as this poll is over; nothing is received any more.
            return Poll::Pending;
        }
        // The data pointer of the process's own wakers is its allocation.
        let own_waker = std::ptr::addr_eq(cx.waker().data(), std::ptr::from_ref(cell));
        loop {
            while let Some(envelope) = taken.get(self.seen) {
                if !wanted(MessageRef::of(envelope)) {
                    self.seen += 1;
                    continue;
                }
                if !cell.header.spend() {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                cell.header.count_received();
                let envelope = if self.seen == 0 { taken.pop_front() } else { taken.remove(self.seen) };
                let envelope = envelope.expect("it was just there");
                cell.mailbox.received(&envelope, taken.len());
                cell.header.set_doing(Doing::Running);
                return Poll::Ready(Some(envelope.into()));
            }
            if let Some(message) = cell.accept_offer() {
                if !wanted(MessageRef::User(&message)) {
                    taken.push_back(Envelope::Message(message));
                    cell.mailbox.adopt(taken.len());
                    self.seen += 1;
                    continue;
                }
                cell.header.spend();
                cell.header.count_received();
                cell.header.set_doing(Doing::Running);
                return Poll::Ready(Some(Message::User(message)));
            }
            // Whoever polls it under another waker may not be in a poll of the process.
            let may_have_mail = cell.header.may_have_mail() || !own_waker;
            if !may_have_mail || !cell.mailbox.take(taken) {
                break;
            }
        }
        cell.header.set_doing(Doing::Receiving);
        if !own_waker {
            // Somebody polls this under a waker of their own, such as a `FuturesUnordered`. Arrivals wake the
            // process; that waker has to be woken too. One may have come in before it was set.
            cell.mailbox.set_receiver(cx.waker());
            if cell.mailbox.take(taken) {
                cx.waker().wake_by_ref();
            }
        } else if taken.is_empty() {
            cell.header.set_parked(true);
        }
        if self.limit.is_zero() {
            return Poll::Ready(None);
        }
        self.limit.poll(cell.header.system.runtime(), cx).map(|()| None)
    }
}
