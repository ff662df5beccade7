use std::task::{Poll, Waker};

use super::bound::{Claim, Left};
use super::mailbox::{Added, Extra, Mailbox, Refused, Shared};
use super::message::Mail;
use crate::sync::wake;

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

/// Room in a mailbox with a bound: how senders take it, wait for it, and give it back.
impl<M> Mailbox<M> {
    /// Reserves room for one message, if there is any.
    pub(super) fn reserve(&self) -> Result<Room<'_, M>, Refused<()>> {
        let mut shared = self.shared.lock();
        let Some(open) = &mut *shared else { return Err(Refused::Closed(())) };
        let has_room = match open.extra() {
            Some(extra) if extra.lanes.is_some() => return Err(Refused::ByPolicy(())),
            Some(Extra { bound: Some(bound), .. }) => bound.take(),
            _ => true,
        };
        if has_room { Ok(Room(self)) } else { Err(Refused::Full(())) }
    }

    /// Reserves room for one message once there is any. The ticket is as in [`poll_push`](Mailbox::poll_push).
    pub(super) fn poll_reserve(
        &self,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Room<'_, M>, Refused<()>>> {
        let claimed = self.poll_claim(ticket, waker, |open| open.map(|_| Room(self)).ok_or(Refused::Closed(())));
        claimed.map(|claimed| claimed.unwrap_or(Err(Refused::ByPolicy(()))))
    }

    /// Calls `act` once there is room, which it has taken then, or the mailbox is closed; `None` if there is a policy.
    #[inline]
    pub(super) fn poll_claim<T>(
        &self,
        ticket: &mut Option<usize>,
        waker: &Waker,
        act: impl FnOnce(Option<&mut Shared<M>>) -> T,
    ) -> Poll<Option<T>> {
        // Dropped after the lock: dropping one may run code that is not ours.
        let mut own = None;
        loop {
            let mut shared = self.shared.lock();
            let claim = match &mut *shared {
                None => Claim::Room,
                Some(open) => match open.extra() {
                    Some(extra) if extra.lanes.is_some() => return Poll::Ready(None),
                    Some(Extra { bound: Some(bound), .. }) => bound.claim(ticket, waker, &mut own),
                    _ => Claim::Room,
                },
            };
            match claim {
                Claim::Room => return Poll::Ready(Some(act(shared.as_mut()))),
                Claim::Waits => return Poll::Pending,
                Claim::NeedsWaker => {
                    drop(shared);
                    own = Some(waker.clone());
                }
            }
        }
    }

    /// Removes a sender from the line; if it had been given room, the next one gets it.
    pub(crate) fn leave(&self, ticket: usize) {
        let mut shared = self.shared.lock();
        let left = shared.as_mut().and_then(|open| match open.extra()? {
            Extra { lanes: Some(lanes), .. } => lanes.leave(ticket),
            extra => extra.bound.as_mut()?.leave(ticket),
        });
        drop(shared);
        match left {
            Some(Left::Next(next)) => wake(next),
            Some(Left::Own(own)) => drop(own),
            None => {}
        }
    }

    /// Gives the room of a message to a sender that waits for it.
    pub(super) fn make_room(&self) {
        let mut shared = self.shared.lock();
        let next = shared.as_mut().and_then(|open| open.bound()?.release());
        drop(shared);
        if let Some(next) = next {
            wake(next);
        }
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
