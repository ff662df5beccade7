use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::event::Overload;
use super::figures::LoadFigures;
use super::key::Key;
use super::lanes::{After, Entry, Lanes, Ticket};
use super::policy::{Lane, MailboxPolicy, Overflow};
use crate::event::Note;
use crate::process::arrival::{Arrival, Arrivals};
use crate::process::bound::Claim;
use crate::process::mailbox::{Added, Mailbox, Refused, Shared};
use crate::process::message::Mail;
use crate::runtime::Instant;

/// What the policy says of a message, and what spectators are told of it: found out before the lock is taken.
pub(in crate::process) struct Tag {
    pub(super) lane: Lane,
    pub(super) key: Option<Key>,
    pub(super) at: Option<Instant>,
    pub(super) note: Option<Box<Note>>,
}

/// The parts of an open mailbox that has a policy.
struct Parts<'a, M> {
    queue: &'a mut VecDeque<Mail<M>>,
    arrivals: &'a mut Arrivals,
    receiver: &'a mut Option<Waker>,
    lanes: &'a mut Lanes<M>,
}

/// Whether there is room for one message in a lane.
pub(in crate::process) enum LaneClaim<'a, M> {
    /// It is taken.
    Room(LaneRoom<'a, M>),
    /// There is none, and this is to be done.
    Full(Overflow),
    Closed,
}

/// Room for one message in a lane. It is released if it is not filled.
pub(in crate::process) struct LaneRoom<'a, M> {
    mailbox: &'a Mailbox<M>,
    lane: Lane,
}

impl<M> Mailbox<M> {
    /// The policy, if there is one and the mailbox is open.
    pub(in crate::process) fn policy(&self) -> Option<Arc<MailboxPolicy<M>>> {
        if !self.has_policy {
            return None;
        }
        Some(parts(self.shared.lock().as_mut()?)?.lanes.policy.clone())
    }

    /// What was not delivered, if there is a policy.
    pub(in crate::process) fn figures(&self) -> Option<LoadFigures> {
        if !self.has_policy {
            return None;
        }
        Some(parts(self.shared.lock().as_mut()?)?.lanes.figures())
    }

    /// Adds a message as the policy says; `None` if it was dropped. The caller wakes the process.
    pub(super) fn admit(&self, message: M, tag: Tag, after: &mut After<M>) -> Result<Option<Added>, Refused<M>> {
        let mut shared = self.shared.lock();
        match shared.as_mut().and_then(parts) {
            Some(mut parts) => parts.admit(message, tag, after),
            None => Err(Refused::Closed(message)),
        }
    }

    /// As [`admit`](Mailbox::admit), for a sender that waits for room: `ticket` is its place in the line.
    pub(super) fn poll_admit(
        &self,
        message: &mut Option<M>,
        tag: Tag,
        ticket: &mut Option<usize>,
        waker: &Waker,
        after: &mut After<M>,
    ) -> Poll<Result<Option<Added>, Refused<M>>> {
        let Some(mine) = message.take() else { return Poll::Pending };
        // Dropped after the lock: dropping one may run code that is not ours.
        let mut own = None;
        loop {
            let mut shared = self.shared.lock();
            let Some(mut parts) = shared.as_mut().and_then(parts) else {
                return Poll::Ready(Err(Refused::Closed(mine)));
            };
            parts.shed_old(tag.at, after);
            let lane = ticket.map_or(tag.lane, |ticket| Ticket::split(ticket).0);
            if !parts.waits(lane) || (ticket.is_none() && parts.lanes.has(tag.key.as_ref())) {
                return Poll::Ready(parts.admit(mine, tag, after));
            }
            match parts.claim(lane, ticket, waker, &mut own) {
                Claim::Room => return Poll::Ready(Ok(Some(parts.fill(mine, Tag { lane, ..tag }, after)))),
                Claim::Waits => {
                    *message = Some(mine);
                    return Poll::Pending;
                }
                Claim::NeedsWaker => {
                    drop(shared);
                    own = Some(waker.clone());
                }
            }
        }
    }

    /// Takes room in a lane for a message that is made later.
    pub(in crate::process) fn reserve_lane(
        &self,
        lane: Lane,
        now: Option<Instant>,
        after: &mut After<M>,
    ) -> LaneClaim<'_, M> {
        let mut shared = self.shared.lock();
        let Some(mut parts) = shared.as_mut().and_then(parts) else { return LaneClaim::Closed };
        parts.shed_old(now, after);
        match parts.lanes.claim(lane, parts.queue, after) {
            None => LaneClaim::Room(LaneRoom { mailbox: self, lane }),
            Some(overflow) => {
                parts.count(overflow, after);
                LaneClaim::Full(overflow)
            }
        }
    }

    /// As [`reserve_lane`](Mailbox::reserve_lane), once there is room, where senders may wait for it. What is `kept` may in
    /// every lane: it is a deposit, which is never dropped.
    pub(in crate::process) fn poll_reserve_lane(
        &self,
        lane: Lane,
        kept: bool,
        now: Option<Instant>,
        ticket: &mut Option<usize>,
        waker: &Waker,
        after: &mut After<M>,
    ) -> Poll<LaneClaim<'_, M>> {
        let lane = ticket.map_or(lane, |ticket| Ticket::split(ticket).0);
        let mut own = None;
        loop {
            let mut shared = self.shared.lock();
            let Some(mut parts) = shared.as_mut().and_then(parts) else { return Poll::Ready(LaneClaim::Closed) };
            parts.shed_old(now, after);
            if ticket.is_none() {
                match parts.lanes.claim(lane, parts.queue, after) {
                    None => return Poll::Ready(LaneClaim::Room(LaneRoom { mailbox: self, lane })),
                    Some(overflow) if !kept && !parts.waits(lane) => {
                        parts.count(overflow, after);
                        return Poll::Ready(LaneClaim::Full(overflow));
                    }
                    Some(_) => {}
                }
            }
            match parts.claim(lane, ticket, waker, &mut own) {
                Claim::Room => return Poll::Ready(LaneClaim::Room(LaneRoom { mailbox: self, lane })),
                Claim::Waits => return Poll::Pending,
                Claim::NeedsWaker => {
                    drop(shared);
                    own = Some(waker.clone());
                }
            }
        }
    }

    /// Takes over the first mail, behind that in `local`, and returns its note; `None` if there is no mail.
    pub(in crate::process) fn take_one(
        &self,
        now: Option<Instant>,
        local: &mut VecDeque<Mail<M>>,
        after: &mut After<M>,
    ) -> Option<Option<Box<Note>>> {
        let mut shared = self.shared.lock();
        let parts = shared.as_mut().and_then(parts)?;
        let (mail, note) = parts.lanes.take(now, parts.queue, after)?;
        local.push_back(mail);
        self.set_taken(local.len());
        Some(note)
    }

    /// Removes a request whose caller has given up, if the policy says so and it still waits.
    pub(super) fn expire(&self, place: Arrival, after: &mut After<M>) -> bool {
        if !self.has_policy {
            return false;
        }
        let mut shared = self.shared.lock();
        let Some(parts) = shared.as_mut().and_then(parts) else { return false };
        parts.lanes.policy.skip_expired && parts.lanes.expire(place, parts.queue, after)
    }
}

impl<M> LaneRoom<'_, M> {
    /// Adds the message, unless the mailbox has been closed since: then it is dropped. The caller wakes the process.
    pub(super) fn fill(self, message: M, tag: Tag, after: &mut After<M>) -> Option<Added> {
        let mailbox = self.mailbox;
        std::mem::forget(self);
        let mut shared = mailbox.shared.lock();
        // A message that comes too late is dropped without the lock, because function arguments are dropped last.
        Some(shared.as_mut().and_then(parts)?.fill(message, tag, after))
    }

    /// As [`fill`](LaneRoom::fill), with a deposit, which stands for a message and is never dropped.
    pub(in crate::process) fn fill_fixed(self, deposit: Mail<M>) -> Option<Added> {
        let (mailbox, lane) = (self.mailbox, self.lane);
        std::mem::forget(self);
        let mut shared = mailbox.shared.lock();
        let mut parts = shared.as_mut().and_then(parts)?;
        Some(parts.put(deposit, Entry { lane: Some(lane), ..Entry::fixed(Arrival::UNKNOWN) }))
    }
}

impl<M> Drop for LaneRoom<'_, M> {
    fn drop(&mut self) {
        let mut after = After::default();
        let mut shared = self.mailbox.shared.lock();
        if let Some(parts) = shared.as_mut().and_then(parts) {
            parts.lanes.release(Some(self.lane), &mut after);
        }
        drop(shared);
        after.wake();
    }
}

fn parts<M>(open: &mut Shared<M>) -> Option<Parts<'_, M>> {
    let Shared { queue, arrivals, extra } = open;
    let extra = extra.as_deref_mut()?;
    Some(Parts { queue, arrivals, receiver: &mut extra.receiver, lanes: extra.lanes.as_deref_mut()? })
}

impl<M> Parts<'_, M> {
    fn admit(&mut self, message: M, mut tag: Tag, after: &mut After<M>) -> Result<Option<Added>, Refused<M>> {
        self.shed_old(tag.at, after);
        let message = match self.lanes.merge(message, &mut tag, self.queue, after) {
            Ok(place) => return Ok(Some(self.added(place))),
            Err(message) => message,
        };
        let Some(overflow) = self.lanes.claim(tag.lane, self.queue, after) else {
            return Ok(Some(self.put(Mail::Message(message), Entry::of(tag))));
        };
        after.notes.extend(tag.note.map(|note| *note));
        self.count(overflow, after);
        match overflow {
            Overflow::Refuse | Overflow::Wait => Err(Refused::Full(message)),
            Overflow::DropNewest | Overflow::DropOldest => {
                after.shed.push(Mail::Message(message));
                Ok(None)
            }
        }
    }

    /// Counts a message for which there is no room.
    fn count(&mut self, overflow: Overflow, after: &mut After<M>) {
        match overflow {
            // Who cannot wait knows that it is a lane that makes senders wait.
            Overflow::Wait => {}
            Overflow::Refuse => self.lanes.lost(Overload::Refused, self.queue.len(), after),
            Overflow::DropNewest | Overflow::DropOldest => {
                self.lanes.lost(Overload::Dropped, self.queue.len(), after);
            }
        }
    }

    /// Adds a message whose room is taken, or releases the room if the message replaces another one.
    fn fill(&mut self, message: M, mut tag: Tag, after: &mut After<M>) -> Added {
        match self.lanes.merge(message, &mut tag, self.queue, after) {
            Ok(place) => {
                self.lanes.release(Some(tag.lane), after);
                self.added(place)
            }
            Err(message) => self.put(Mail::Message(message), Entry::of(tag)),
        }
    }

    fn put(&mut self, mail: Mail<M>, entry: Entry) -> Added {
        let place = self.arrivals.next();
        self.queue.push_back(mail);
        self.lanes.put(Entry { place, ..entry });
        self.added(place)
    }

    fn added(&mut self, place: Arrival) -> Added {
        Added::new(self.receiver.take(), place)
    }

    fn shed_old(&mut self, now: Option<Instant>, after: &mut After<M>) {
        self.lanes.shed_old(now, self.queue, after);
    }

    /// Whether a sender that asks for it may wait for room in the lane.
    fn waits(&self, lane: Lane) -> bool {
        matches!(self.lanes.overflow(lane), Some(Overflow::Refuse | Overflow::Wait))
    }

    /// As [`Bound::claim`](crate::process::bound::Bound::claim), in a lane that is bounded.
    fn claim(&mut self, lane: Lane, ticket: &mut Option<usize>, waker: &Waker, own: &mut Option<Waker>) -> Claim {
        let Some(bound) = self.lanes.bound(lane) else { return Claim::Room };
        let mut place = ticket.map(|ticket| Ticket::split(ticket).1);
        let claim = bound.claim(&mut place, waker, own);
        *ticket = place.map(|place| Ticket::join(lane, place));
        claim
    }
}
