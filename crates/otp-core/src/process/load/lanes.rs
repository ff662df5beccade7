use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::admit::Tag;
use super::event::Overload;
use super::figures::LoadFigures;
use super::key::Key;
use super::policy::{Lane, MailboxPolicy, Overflow};
use crate::event::Note;
use crate::event::log::task_crashed;
use crate::exit::contain;
use crate::process::arrival::Arrival;
use crate::process::bound::{Bound, Left};
use crate::process::message::Mail;
use crate::runtime::Instant;
use crate::sync::wake;

/// The state of a mailbox with a policy, beside its queue, and under its lock: it runs no code of others, and what it
/// removes goes to an [`After`].
///
/// The process takes one message over at a time, so that what waits can still be dropped, and room is released when a
/// message is taken over.
pub(in crate::process) struct Lanes<M> {
    pub(super) policy: Arc<MailboxPolicy<M>>,
    /// One for each element of the queue.
    entries: VecDeque<Entry>,
    bounds: [Option<Bound>; 2],
    figures: LoadFigures,
    /// The figures at the beginning of a time of overload.
    began: Option<LoadFigures>,
}

/// What is known about an element of the queue.
pub(super) struct Entry {
    /// `None` for what is never dropped, and needs no room.
    pub(super) lane: Option<Lane>,
    pub(super) place: Arrival,
    /// When it came in, if the policy has a limit for that.
    pub(super) at: Option<Instant>,
    pub(super) key: Option<Key>,
    /// It needs room, but is never dropped: the mailbox does not own it.
    pub(super) fixed: bool,
    /// What spectators are told when it is received. Not dropped under the lock.
    pub(super) note: Option<Box<Note>>,
}

impl Entry {
    /// Of what is never dropped, and needs no room.
    pub(super) fn fixed(place: Arrival) -> Entry {
        Entry { lane: None, place, at: None, key: None, fixed: true, note: None }
    }

    /// Of a message.
    pub(super) fn of(tag: Tag) -> Entry {
        let Tag { lane, key, at, note } = tag;
        Entry { lane: Some(lane), place: Arrival::UNKNOWN, at, key, fixed: false, note }
    }
}

/// What remains to be done after the lock was released.
pub(in crate::process) struct After<M> {
    pub(super) shed: Vec<Mail<M>>,
    pub(super) wakers: Vec<Waker>,
    pub(super) changes: Vec<Change>,
    /// Those of messages that will not be received.
    pub(super) notes: Vec<Note>,
}

/// A time of overload begins, or is over.
pub(super) enum Change {
    Overloaded(Overload, usize),
    Recovered(LoadFigures),
}

impl<M> Default for After<M> {
    fn default() -> After<M> {
        After { shed: Vec::new(), wakers: Vec::new(), changes: Vec::new(), notes: Vec::new() }
    }
}

impl<M> Lanes<M> {
    pub(in crate::process) fn new(policy: Arc<MailboxPolicy<M>>) -> Lanes<M> {
        let bounds =
            [Lane::Input, Lane::Broadcast].map(|lane| policy.bound_of(lane).map(|(limit, _)| Bound::new(limit)));
        Lanes { policy, entries: VecDeque::new(), bounds, figures: LoadFigures::default(), began: None }
    }

    /// Notes a signal that was added to the queue.
    pub(in crate::process) fn note_signal(&mut self, place: Arrival) {
        self.entries.push_back(Entry::fixed(place));
    }

    /// Notes that so much came back to the front of the queue, from a process that no longer receives.
    pub(in crate::process) fn note_given_back(&mut self, count: usize) {
        for _ in 0..count {
            self.entries.push_front(Entry::fixed(Arrival::UNKNOWN));
        }
    }

    /// Keeps the entries whose places in the queue are kept.
    pub(in crate::process) fn retain(&mut self, mut kept: impl FnMut(usize) -> bool) {
        let mut index = 0;
        self.entries.retain(|_| {
            index += 1;
            kept(index - 1)
        });
    }

    pub(super) fn put(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    pub(super) fn bound(&mut self, lane: Lane) -> Option<&mut Bound> {
        self.bounds[lane as usize].as_mut()
    }

    /// What the lane does with what has no room, if it is bounded.
    pub(super) fn overflow(&self, lane: Lane) -> Option<Overflow> {
        self.policy.bound_of(lane).map(|(_, overflow)| overflow)
    }

    /// The bound of the input.
    pub(in crate::process) fn limit(&self) -> Option<usize> {
        self.policy.bound_of(Lane::Input).map(|(limit, _)| limit)
    }

    pub(in crate::process) fn figures(&self) -> LoadFigures {
        self.figures
    }

    /// Takes room for one message, which drop-oldest makes; otherwise returns what is to be done with the message.
    pub(super) fn claim(
        &mut self,
        lane: Lane,
        queue: &mut VecDeque<Mail<M>>,
        after: &mut After<M>,
    ) -> Option<Overflow> {
        let bound = self.bounds[lane as usize].as_mut()?;
        if bound.take() {
            return None;
        }
        let overflow = self.overflow(lane)?;
        if overflow == Overflow::DropOldest {
            let is_oldest = |entry: &Entry| entry.lane == Some(lane) && !entry.fixed;
            if let Some(index) = self.entries.iter().position(is_oldest) {
                // Its room goes to the new one.
                let entry = self.entries.remove(index);
                after.notes.extend(entry.and_then(|entry| Some(*entry.note?)));
                after.shed.extend(queue.remove(index));
                self.lost(Overload::Dropped, queue.len() + 1, after);
                return None;
            }
            return Some(Overflow::DropNewest);
        }
        Some(overflow)
    }

    /// Counts a message that is refused or dropped, of `queued` that there were.
    pub(super) fn lost(&mut self, why: Overload, queued: usize, after: &mut After<M>) {
        if self.began.is_none() {
            self.began = Some(self.figures);
            after.changes.push(Change::Overloaded(why, queued));
        }
        *match why {
            Overload::Refused => &mut self.figures.refused,
            Overload::Dropped => &mut self.figures.dropped,
            Overload::TooOld => &mut self.figures.too_old,
        } += 1;
    }

    /// Replaces the message with this key, in its place; otherwise the message comes back. Its arrival is not that of the one
    /// that it replaces, whose caller may still give up.
    pub(super) fn merge(
        &mut self,
        message: M,
        tag: &mut Tag,
        queue: &mut VecDeque<Mail<M>>,
        after: &mut After<M>,
    ) -> Result<Arrival, M> {
        if tag.key.is_none() {
            return Err(message);
        }
        let Some(index) = self.entries.iter().position(|entry| entry.key == tag.key) else { return Err(message) };
        after.shed.push(std::mem::replace(&mut queue[index], Mail::Message(message)));
        self.figures.coalesced += 1;
        let entry = &mut self.entries[index];
        entry.at = tag.at;
        after.notes.extend(std::mem::replace(&mut entry.note, tag.note.take()).map(|note| *note));
        entry.place = Arrival::UNKNOWN;
        Ok(Arrival::UNKNOWN)
    }

    /// Whether a message with this key waits.
    pub(super) fn has(&self, key: Option<&Key>) -> bool {
        key.is_some() && self.entries.iter().any(|entry| entry.key.as_ref() == key)
    }

    /// Drops what has waited for too long, from the front.
    pub(super) fn shed_old(&mut self, now: Option<Instant>, queue: &mut VecDeque<Mail<M>>, after: &mut After<M>) {
        let (Some(now), Some(max_age)) = (now, self.policy.max_age) else { return };
        let mut index = 0;
        while let Some(entry) = self.entries.get(index) {
            match entry.at {
                Some(at) if now - at > max_age => {
                    let lane = entry.lane;
                    let entry = self.entries.remove(index);
                    after.notes.extend(entry.and_then(|entry| Some(*entry.note?)));
                    after.shed.extend(queue.remove(index));
                    self.lost(Overload::TooOld, queue.len() + 1, after);
                    self.release(lane, after);
                }
                Some(_) => break,
                None => index += 1,
            }
        }
    }

    /// Takes the first element of the queue over.
    pub(super) fn take(
        &mut self,
        now: Option<Instant>,
        queue: &mut VecDeque<Mail<M>>,
        after: &mut After<M>,
    ) -> Option<(Mail<M>, Option<Box<Note>>)> {
        self.shed_old(now, queue, after);
        let Some(mail) = queue.pop_front() else {
            let before = self.began.take();
            after.changes.extend(before.map(|before| Change::Recovered(self.figures - before)));
            return None;
        };
        let entry = self.entries.pop_front();
        let (lane, note) = entry.map_or((None, None), |entry| (entry.lane, entry.note));
        self.release(lane, after);
        Some((mail, note))
    }

    /// Removes the message at a place, whose caller has given up.
    pub(super) fn expire(&mut self, place: Arrival, queue: &mut VecDeque<Mail<M>>, after: &mut After<M>) -> bool {
        if place == Arrival::UNKNOWN {
            return false;
        }
        let is_it = |entry: &Entry| entry.place == place && entry.lane.is_some() && !entry.fixed;
        let Some(index) = self.entries.iter().position(is_it) else { return false };
        let entry = self.entries.remove(index);
        let (lane, note) = entry.map_or((None, None), |entry| (entry.lane, entry.note));
        after.notes.extend(note.map(|note| *note));
        after.shed.extend(queue.remove(index));
        self.figures.expired += 1;
        self.release(lane, after);
        true
    }

    /// Releases the room of a message, which the sender gets that has waited longest.
    pub(super) fn release(&mut self, lane: Option<Lane>, after: &mut After<M>) {
        after.wakers.extend(lane.and_then(|lane| self.bound(lane)?.release()));
    }

    /// Removes a sender from the line of its lane.
    pub(in crate::process) fn leave(&mut self, ticket: usize) -> Option<Left> {
        let (lane, ticket) = Ticket::split(ticket);
        self.bound(lane)?.leave(ticket)
    }

    /// Wakes those who wait for room, and drops the policy, whose closures own values of the user.
    pub(in crate::process) fn close(self) {
        self.bounds.into_iter().flatten().flat_map(Bound::into_waiting).for_each(wake);
        if let Err(crash) = contain(|| drop(self.policy)) {
            task_crashed("the policy of a mailbox", crash);
        }
    }
}

/// The place of a sender in the line of a lane, as one number.
pub(super) struct Ticket;

impl Ticket {
    pub(super) fn split(ticket: usize) -> (Lane, usize) {
        let lane = if ticket & 1 == Lane::Input as usize { Lane::Input } else { Lane::Broadcast };
        (lane, ticket >> 1)
    }

    pub(super) fn join(lane: Lane, ticket: usize) -> usize {
        ticket << 1 | lane as usize
    }
}
