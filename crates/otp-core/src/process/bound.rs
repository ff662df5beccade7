use std::collections::VecDeque;
use std::task::Waker;

use slab::Slab;

/// The bound of a mailbox: how much of it is used, and the senders that wait in line for room (backpressure).
pub(super) struct Bound {
    limit: usize,
    /// The number of messages in the mailbox; signals do not count.
    used: usize,
    /// Senders that wait for room, by age. Each one that is woken has room reserved in `granted`.
    waiting: VecDeque<usize>,
    senders: Slab<Sender>,
    granted: usize,
}

enum Sender {
    Waiting(Waker),
    Granted,
}

/// Whether there is room for one message.
pub(super) enum Claim {
    /// It is taken.
    Room,
    /// The sender stands in the line.
    Waits,
    /// It needs a waker of its own for that, which is cloned without the lock: that is code of others.
    NeedsWaker,
}

/// What remains to be done, without the lock, after a sender has left the line.
pub(super) enum Left {
    /// Drop the sender's own waker.
    Own(Waker),
    /// Wake the sender that was given the room.
    Next(Waker),
}

impl Bound {
    pub(super) fn new(limit: usize) -> Bound {
        Bound { limit, used: 0, waiting: VecDeque::new(), senders: Slab::new(), granted: 0 }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Reserves room for one message; false if there is none.
    pub(super) fn take(&mut self) -> bool {
        let room = self.used + self.granted < self.limit;
        self.used += usize::from(room);
        room
    }

    /// Reserves room for one message, beyond the bound if necessary.
    pub(super) fn take_beyond(&mut self) {
        self.used += 1;
    }

    /// Releases room; the sender that has waited longest gets it.
    pub(super) fn release(&mut self) -> Option<Waker> {
        self.used -= 1;
        self.grant()
    }

    /// Takes room for one message, or joins the line under a ticket, to be woken by `waker`, of which `own` is a clone if
    /// it was needed. A waker that is no longer needed is left there.
    pub(super) fn claim(&mut self, ticket: &mut Option<usize>, waker: &Waker, own: &mut Option<Waker>) -> Claim {
        match *ticket {
            None if self.waiting.is_empty() && self.take() => Claim::Room,
            None => {
                let Some(own) = own.take() else { return Claim::NeedsWaker };
                let new = self.senders.insert(Sender::Waiting(own));
                self.waiting.push_back(new);
                *ticket = Some(new);
                Claim::Waits
            }
            Some(mine) => match &mut self.senders[mine] {
                Sender::Waiting(old) => {
                    if !old.will_wake(waker) {
                        let Some(new) = own.take() else { return Claim::NeedsWaker };
                        *own = Some(std::mem::replace(old, new));
                    }
                    Claim::Waits
                }
                Sender::Granted => {
                    self.senders.remove(mine);
                    self.granted -= 1;
                    self.used += 1;
                    *ticket = None;
                    Claim::Room
                }
            },
        }
    }

    /// Removes a sender from the line; if it had been given room, the next one gets it.
    pub(super) fn leave(&mut self, ticket: usize) -> Option<Left> {
        match self.senders.try_remove(ticket)? {
            Sender::Waiting(own) => {
                self.waiting.retain(|&waiting| waiting != ticket);
                Some(Left::Own(own))
            }
            Sender::Granted => {
                self.granted -= 1;
                self.grant().map(Left::Next)
            }
        }
    }

    /// Returns the wakers of all waiting senders.
    pub(super) fn into_waiting(self) -> impl Iterator<Item = Waker> {
        self.senders.into_iter().filter_map(|(_, sender)| match sender {
            Sender::Waiting(waker) => Some(waker),
            Sender::Granted => None,
        })
    }

    /// Gives free room to the sender that has waited longest.
    fn grant(&mut self) -> Option<Waker> {
        if self.used + self.granted >= self.limit {
            return None;
        }
        let first = self.waiting.pop_front()?;
        self.granted += 1;
        match std::mem::replace(&mut self.senders[first], Sender::Granted) {
            Sender::Waiting(waker) => Some(waker),
            Sender::Granted => None,
        }
    }
}
