//! How messages get into a mailbox with a policy, and out of it. All of this is cold: a mailbox without a policy is not
//! asked for one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker, ready};

use super::admit::{LaneClaim, LaneRoom, Tag};
use super::event::LoadEvent;
use super::lanes::{After, Change};
use super::policy::{Lane, MailboxPolicy, Overflow};
use super::shed::shed;
use crate::exit::{ExitReason, contain};
use crate::process::arrival::Arrival;
use crate::process::cell::{Cell, Opaque};
use crate::process::deposit::Deposit;
use crate::process::end::report_crash;
use crate::process::header::Header;
use crate::process::mailbox::{Added, Refused};
use crate::process::message::Mail;
use crate::process::process_ref::ProcessRef;
use crate::process::send_error::TrySendError;
use crate::runtime::Instant;
use crate::sync::wake;

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message without waiting.
    #[cold]
    pub(in crate::process) fn send_by_policy(&self, message: M) -> Result<Arrival, TrySendError<M>> {
        let mut after = After::default();
        let admitted = match self.tag(&message) {
            Some(tag) => self.cell().mailbox.admit(message, tag, &mut after),
            None => Err(Refused::Closed(message)),
        };
        let sent = match admitted {
            Ok(added) => Ok(self.notify(added)),
            Err(Refused::Closed(message)) => Err(TrySendError::NoProc { to: self.into(), message }),
            Err(Refused::Full(message) | Refused::ByPolicy(message)) => {
                Err(TrySendError::Full { to: self.into(), message })
            }
        };
        after.carry_out(self.header());
        sent
    }

    /// Sends a message once there is room; `ticket` is the place in the line.
    #[cold]
    pub(in crate::process) fn poll_send_by_policy(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, M>> {
        let Some(mine) = message else { return Poll::Pending };
        let mut after = After::default();
        let admitted = match self.tag(mine) {
            Some(tag) => self.cell().mailbox.poll_admit(message, tag, ticket, waker, &mut after),
            None => Poll::Ready(Err(Refused::Closed(message.take().expect("it is there")))),
        };
        let sent = match admitted {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(added)) => Poll::Ready(Ok(self.notify(added))),
            Poll::Ready(Err(Refused::Closed(message) | Refused::Full(message) | Refused::ByPolicy(message))) => {
                *ticket = None;
                Poll::Ready(Err(message))
            }
        };
        after.carry_out(self.header());
        sent
    }

    /// Sends the message that `make` returns, which is broadcast; calls `make` once there is room for the message.
    #[cold]
    pub(in crate::process) fn send_with_by_policy(
        &self,
        make: &mut dyn FnMut() -> M,
    ) -> Result<Arrival, TrySendError<()>> {
        let Some(policy) = self.cell().mailbox.policy() else {
            return Err(TrySendError::NoProc { to: self.into(), message: () });
        };
        let (now, mut after) = (self.now(&policy), After::default());
        let claim = self.cell().mailbox.reserve_lane(Lane::Broadcast, now, &mut after);
        after.carry_out(self.header());
        match claim {
            LaneClaim::Room(room) => Ok(self.fill_by_policy(&policy, room, now, make)),
            LaneClaim::Full(Overflow::DropNewest | Overflow::DropOldest) => {
                self.drop_shed(make());
                Ok(Arrival::NOWHERE)
            }
            LaneClaim::Full(_) => Err(TrySendError::Full { to: self.into(), message: () }),
            LaneClaim::Closed => Err(TrySendError::NoProc { to: self.into(), message: () }),
        }
    }

    /// Like [`poll_send_by_policy`](ProcessRef::poll_send_by_policy), with the function of
    /// [`send_with_by_policy`](ProcessRef::send_with_by_policy).
    #[cold]
    pub(in crate::process) fn poll_send_with_by_policy(
        &self,
        make: &mut dyn FnMut() -> M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Arrival, ()>> {
        let Some(policy) = self.cell().mailbox.policy() else { return Poll::Ready(Err(())) };
        let (now, mut after) = (self.now(&policy), After::default());
        let claim = self.cell().mailbox.poll_reserve_lane(Lane::Broadcast, false, now, ticket, waker, &mut after);
        after.carry_out(self.header());
        match ready!(claim) {
            LaneClaim::Room(room) => Poll::Ready(Ok(self.fill_by_policy(&policy, room, now, make))),
            LaneClaim::Full(_) => {
                self.drop_shed(make());
                Poll::Ready(Ok(Arrival::NOWHERE))
            }
            LaneClaim::Closed => Poll::Ready(Err(())),
        }
    }

    /// Takes room for a deposit with this message.
    #[cold]
    pub(in crate::process) fn reserve_by_policy(&self, message: &M) -> LaneClaim<'_, M> {
        let Some(policy) = self.cell().mailbox.policy() else { return LaneClaim::Closed };
        let mut after = After::default();
        let claim = self.cell().mailbox.reserve_lane(policy.lane_of(message), self.now(&policy), &mut after);
        after.carry_out(self.header());
        claim
    }

    /// As [`reserve_by_policy`](ProcessRef::reserve_by_policy), once there is room, in every lane.
    #[cold]
    pub(in crate::process) fn poll_reserve_by_policy(
        &self,
        message: &M,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<LaneClaim<'_, M>> {
        let Some(policy) = self.cell().mailbox.policy() else { return Poll::Ready(LaneClaim::Closed) };
        let (now, mut after) = (self.now(&policy), After::default());
        let lane = policy.lane_of(message);
        let claim = self.cell().mailbox.poll_reserve_lane(lane, true, now, ticket, waker, &mut after);
        after.carry_out(self.header());
        claim
    }

    /// The bound of the lane of a message, by the policy; `None` is a message that is mapped.
    #[cold]
    pub(crate) fn lane_bound(&self, message: Option<&M>) -> Option<(usize, Overflow)> {
        let policy = self.cell().mailbox.policy()?;
        policy.bound_of(message.map_or(Lane::Broadcast, |message| policy.lane_of(message)))
    }

    /// Takes a request out of the mailbox whose caller has given up, if the policy says so; false if it is not there.
    #[cold]
    pub(crate) fn expire(&self, place: Arrival) -> bool {
        let mut after = After::default();
        let expired = self.cell().mailbox.expire(place, &mut after);
        after.carry_out(self.header());
        expired
    }

    /// What the policy says of a message; `None` if there is no policy, or the mailbox is closed.
    pub(in crate::process) fn tag(&self, message: &M) -> Option<Tag> {
        let policy = self.cell().mailbox.policy()?;
        Some(Tag {
            lane: policy.lane_of(message),
            key: policy.key_of(message),
            at: self.now(&policy),
            note: self.note(),
        })
    }

    /// Adds a message for which [`tag`](ProcessRef::tag) has been asked, without doing what remains. The caller wakes the
    /// process.
    pub(in crate::process) fn put_by_policy(
        &self,
        message: M,
        tag: Tag,
        after: &mut After<M>,
    ) -> Result<Option<Added>, Refused<M>> {
        let admitted = self.cell().mailbox.admit(message, tag, after);
        self.note_sent();
        admitted
    }

    fn fill_by_policy(
        &self,
        policy: &Arc<MailboxPolicy<M>>,
        room: LaneRoom<'_, M>,
        at: Option<Instant>,
        make: &mut dyn FnMut() -> M,
    ) -> Arrival {
        let message = make();
        let tag = Tag { lane: Lane::Broadcast, key: policy.key_of(&message), at, note: self.note() };
        let mut after = After::default();
        let place = self.notify(room.fill(message, tag, &mut after));
        after.carry_out(self.header());
        place
    }

    fn notify(&self, added: Option<Added>) -> Arrival {
        self.note_sent();
        added.map_or(Arrival::NOWHERE, |added| self.header().notify_pushed(added))
    }

    fn drop_shed(&self, message: M) {
        After { shed: vec![Mail::Message(message)], ..After::default() }.carry_out(self.header());
    }

    fn now(&self, policy: &MailboxPolicy<M>) -> Option<Instant> {
        policy.max_age.map(|_| self.system().now())
    }
}

impl<M: Send + 'static> Cell<M, dyn Opaque<M>> {
    /// Takes over the first mail, behind that in `local`; false if there is none. The process looks again after it.
    #[cold]
    pub(in crate::process) fn take_by_policy(&self, local: &mut VecDeque<Mail<M>>) -> bool {
        let Some(policy) = self.mailbox.policy() else { return false };
        let now = policy.max_age.map(|_| self.header.system.now());
        let mut after = After::default();
        let taken = self.mailbox.take_one(now, local, &mut after);
        if taken.is_some() {
            self.header.look_again();
        }
        after.carry_out(&self.header);
        let is_some = taken.is_some();
        if let Some(note) = taken.flatten() {
            Deposit::put_beside(local, note);
        }
        is_some
    }
}

impl<M> After<M> {
    pub(super) fn wake(&mut self) {
        self.wakers.drain(..).for_each(wake);
    }

    /// Does what remains, under no lock: wakes senders that have room, drops what was shed, each message separately, and
    /// reports.
    pub(in crate::process) fn carry_out(mut self, header: &Header) {
        self.wake();
        drop(self.notes);
        for mail in self.shed {
            if let Err(crash) = contain(|| shed(mail)) {
                report_crash(header, ExitReason::Error(crash));
            }
        }
        for change in self.changes {
            header.system.report(|| {
                let (pid, label) = (header.pid, header.system.label_of(header));
                match change {
                    Change::Overloaded(why, queued) => LoadEvent::Overloaded { pid, label, why, queued },
                    Change::Recovered(lost) => LoadEvent::Recovered { pid, label, lost },
                }
            });
        }
    }
}
