use std::collections::VecDeque;
use std::sync::Arc;

use super::header::{AnyProcess, Parts};
use super::mailbox::Mailbox;
use super::message::Mail;
use crate::cell::{Allocation, Held, Queue};

/// A process: its header, its mailbox and its future, in one allocation. `B` is a [`Body`], or `dyn Opaque` once only
/// the messages matter.
pub(crate) type Cell<M, B> = Allocation<Parts, Mailbox<M>, B>;

impl<M> Queue for Mailbox<M> {
    type Message = M;
}

/// What a [`ProcessRef`] does not know about a process: its future.
pub(crate) trait Opaque<M>: Send + Sync {
    /// Runs the process, whose body this is and whose mailbox is empty, on the calling thread, and gives its run lock
    /// back.
    fn run_inline(&self, process: &Arc<Cell<M, dyn Opaque<M>>>, lock: Held<'_>);

    /// The process, whose body this is, without its message type.
    fn untyped(&self, process: &Arc<Cell<M, dyn Opaque<M>>>) -> Arc<dyn AnyProcess>;
}

impl<M: Send + 'static> Cell<M, dyn Opaque<M>> {
    /// Runs the process, which waits for a message, on the calling thread, and gives its run lock back. The message does
    /// not go through the mailbox, where there is no other; it comes back if the process did not receive it.
    pub(super) fn run_inline(self: &Arc<Self>, message: M, lock: Held<'_>) -> Option<M> {
        self.offer(message, || self.body().run_inline(self, lock))
    }

    /// Takes over all mail that is there: what is offered to the process, which came when it had none, and then what is
    /// in its mailbox.
    pub(super) fn take_all(&self, taken: &mut VecDeque<Mail<M>>) {
        if let Some(message) = self.accept_offer() {
            taken.push_back(Mail::Message(message));
            self.mailbox.adopt(taken.len());
        }
        self.mailbox.take(taken);
    }
}
