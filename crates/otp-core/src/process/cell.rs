use std::collections::VecDeque;
use std::sync::Arc;

use super::deposit::Deposit;
use super::header::{AnyProcess, Parts};
use super::mailbox::{Mailbox, Took};
use super::message::Mail;
use crate::cell::{Allocation, Held, Queue};

/// A process: its header, its mailbox and its future, in one allocation. `B` is a [`Body`], or `dyn Opaque` where only
/// the messages matter.
pub(crate) type Cell<M, B> = Allocation<Parts, Mailbox<M>, B>;

impl<M> Queue for Mailbox<M> {
    type Message = M;
}

/// The part of a process that its [`ProcessRef`] does not know: its future.
pub(crate) trait Opaque<M>: Send + Sync {
    /// Runs the process with this body on the calling thread, and releases its run lock. With `is_empty`, its mailbox is
    /// known to be empty.
    fn run_inline(&self, process: &Arc<Cell<M, dyn Opaque<M>>>, lock: Held<'_>, is_empty: bool);

    /// Returns the process with this body, without its message type.
    fn untyped(&self, process: &Arc<Cell<M, dyn Opaque<M>>>) -> Arc<dyn AnyProcess>;
}

impl<M: Send + 'static> Cell<M, dyn Opaque<M>> {
    /// Runs the process, which waits for a message, on the calling thread, and releases its run lock. The message does
    /// not go through the mailbox, which is empty; it comes back if the process did not receive it.
    pub(super) fn run_inline(self: &Arc<Self>, message: M, lock: Held<'_>) -> Option<M> {
        self.offer(message, || self.body().run_inline(self, lock, true))
    }

    /// Takes over all mail: first the message that is offered to the process, which came when the mailbox was empty,
    /// then the content of the mailbox.
    pub(super) fn take_all(&self, taken: &mut VecDeque<Mail<M>>) {
        if let Some(message) = self.accept_offer() {
            self.adopt_offer(message, taken);
        }
        while self.take(taken) {}
    }

    /// Puts the message that was offered to the process, which does not want it yet, in front of the mailbox's content.
    pub(super) fn adopt_offer(&self, message: M, taken: &mut VecDeque<Mail<M>>) {
        taken.push_back(Mail::Message(message));
        if self.header.is_watched()
            && let Some(note) = self.header.take_note()
        {
            Deposit::put_beside(taken, note);
        }
        self.header.note_hole();
        self.mailbox.adopt(taken.len());
    }

    /// Takes over mail, behind that in `taken`; false if there is none.
    #[inline]
    pub(super) fn take(&self, taken: &mut VecDeque<Mail<M>>) -> bool {
        match self.mailbox.take(taken) {
            Took::Nothing => false,
            Took::All => true,
            Took::Part => {
                self.header.look_again();
                true
            }
            Took::ByPolicy => self.take_by_policy(taken),
        }
    }
}
