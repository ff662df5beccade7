use std::task::{Poll, Waker};

use super::mailbox::{Added, Mailbox, Refused};
use super::message::Mail;

/// Reserved room for one message in a mailbox, before the message is made. It is released if it is not filled.
pub(super) struct Room<'a, M>(&'a Mailbox<M>);

impl<M> Room<'_, M> {
    /// Adds the message; the caller wakes the process. If the mailbox has been closed since, the message is dropped
    /// like those that were in it.
    pub(super) fn fill(self, message: M) -> Option<Added> {
        self.fill_with(Mail::Message(message))
    }

    /// As [`fill`](Room::fill), with what stands for a message.
    pub(super) fn fill_with(self, mail: Mail<M>) -> Option<Added> {
        let mailbox = self.0;
        std::mem::forget(self);
        mailbox.add(mail)
    }
}

impl<M> Drop for Room<'_, M> {
    fn drop(&mut self) {
        self.0.make_room();
    }
}

impl<M> Mailbox<M> {
    /// Reserves room for one message, if there is any.
    pub(super) fn reserve(&self) -> Result<Room<'_, M>, Refused<()>> {
        self.take_room().map(|()| Room(self))
    }

    /// Reserves room for one message once there is any. The ticket is as in [`poll_push`](Mailbox::poll_push).
    pub(super) fn poll_reserve(
        &self,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Room<'_, M>, Refused<()>>> {
        self.poll_room(ticket, waker).map(|room| room.map(|()| Room(self)))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use super::*;

    #[test]
    fn room_that_is_not_filled_is_given_back() {
        let mailbox = Mailbox::new(Some(1));
        let room = mailbox.reserve().ok().expect("it is empty");
        assert!(matches!(mailbox.reserve(), Err(Refused::Full(()))));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _room = room;
            panic!("nothing to fill it with");
        }));
        assert!(panicked.is_err());
        mailbox.reserve().ok().expect("it is empty again").fill(7).expect("it is open").wake();
        assert_eq!(mailbox.len(), 1);
        assert!(matches!(mailbox.reserve(), Err(Refused::Full(()))));
    }

    #[test]
    fn what_fills_the_room_of_a_mailbox_that_was_closed_meanwhile_is_dropped() {
        for limit in [None, Some(2)] {
            let mailbox = Mailbox::new(limit);
            let (kept, given_up) = (mailbox.reserve().ok(), mailbox.reserve().ok());
            assert!(mailbox.close().0.is_empty());
            drop(given_up);
            let message = Arc::new(());
            assert!(kept.expect("it was empty").fill(message.clone()).is_none());
            assert_eq!((Arc::strong_count(&message), mailbox.len()), (1, 0));
            assert!(matches!(mailbox.reserve(), Err(Refused::Closed(()))));
            let late = mailbox.poll_reserve(&mut None, Waker::noop());
            assert!(matches!(late, Poll::Ready(Err(Refused::Closed(())))));
        }
    }
}
