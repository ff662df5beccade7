//! A mailbox with a policy beside a list that does the same.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::admit::{LaneClaim, Tag};
use super::key::Key;
use super::lanes::After;
use super::policy::{Lane, MailboxPolicy, Overflow};
use crate::exit::ExitReason;
use crate::process::Pid;
use crate::process::arrival::Arrival;
use crate::process::mailbox::{Mailbox, Refused};
use crate::process::message::{Exit, Mail, Signal};
use crate::runtime::Instant;

const MAX_AGE: u64 = 3;

#[derive(Clone, Debug)]
enum Op {
    Send(Lane, Option<u64>),
    Signal,
    Take,
    /// The caller of the message at this place, of those that wait, gives up.
    GiveUp(usize),
    /// This much time passes.
    Pass(u64),
}

fn lane() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Input), Just(Lane::Broadcast)]
}

fn overflow() -> impl Strategy<Value = Overflow> {
    prop_oneof![Just(Overflow::Refuse), Just(Overflow::Wait), Just(Overflow::DropNewest), Just(Overflow::DropOldest)]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (lane(), prop::option::weighted(0.3, 0_u64..3)).prop_map(|(lane, key)| Op::Send(lane, key)),
        1 => Just(Op::Signal),
        4 => Just(Op::Take),
        1 => any::<usize>().prop_map(Op::GiveUp),
        2 => (1_u64..4).prop_map(Op::Pass),
    ]
}

/// An element of the list; one without a lane is a signal.
struct Item {
    id: u32,
    lane: Option<Lane>,
    key: Option<u64>,
    at: u64,
    place: Arrival,
}

struct Both {
    mailbox: Mailbox<u32>,
    limits: [(usize, Overflow); 2],
    list: Vec<Item>,
    now: u64,
    next: u32,
    /// What was dropped, by the list.
    shed: Vec<u32>,
    after: After<u32>,
}

impl Both {
    fn new(limits: [(usize, Overflow); 2]) -> Both {
        let policy = MailboxPolicy::new()
            .input(limits[0].0, limits[0].1)
            .broadcast(limits[1].0, limits[1].1)
            .max_age(Duration::from_secs(MAX_AGE))
            .skip_expired(true);
        let mailbox = Mailbox::with_policy(Arc::new(policy));
        Both { mailbox, limits, list: Vec::new(), now: 0, next: 0, shed: Vec::new(), after: After::default() }
    }

    fn clock(&self) -> Option<Instant> {
        Some(Instant::ORIGIN + Duration::from_secs(self.now))
    }

    fn shed_old(&mut self) {
        while let Some(index) = self.list.iter().position(|item| item.lane.is_some())
            && self.now - self.list[index].at > MAX_AGE
        {
            self.shed.push(self.list.remove(index).id);
        }
    }

    fn take_op(&mut self, op: &Op) {
        match *op {
            Op::Send(lane, key) => self.send(lane, key),
            Op::Signal => {
                let exit = Exit { from: Pid::SYSTEM, reason: ExitReason::Normal };
                let added = self.mailbox.push_signal(Box::new(Signal::Exit(exit))).expect("it is open");
                self.list.push(Item { id: 0, lane: None, key: None, at: 0, place: added.place() });
            }
            Op::Take => {
                let mut local = VecDeque::new();
                let taken = self.mailbox.take_one(self.clock(), &mut local, &mut self.after);
                self.mailbox.set_taken(0);
                self.shed_old();
                let expected = (!self.list.is_empty()).then(|| self.list.remove(0).id);
                assert_eq!((taken.is_some(), local.pop_front().map(|mail| id(&mail))), (expected.is_some(), expected));
            }
            Op::GiveUp(index) if !self.list.is_empty() => {
                let index = index % self.list.len();
                let item = &self.list[index];
                let expired = self.mailbox.expire(item.place, &mut self.after);
                assert_eq!(expired, item.lane.is_some() && item.place != Arrival::UNKNOWN);
                if expired {
                    self.shed.push(self.list.remove(index).id);
                }
            }
            Op::GiveUp(_) => {}
            Op::Pass(time) => self.now += time,
        }
    }

    fn send(&mut self, lane: Lane, key: Option<u64>) {
        self.next += 1;
        let (id, at) = (self.next, self.now);
        let tag = Tag { lane, key: key.map(Key::from), at: self.clock(), note: None };
        let admitted = self.mailbox.admit(id, tag, &mut self.after);
        self.shed_old();
        let (limit, overflow) = self.limits[lane as usize];
        if let Some(same) = self.list.iter_mut().find(|item| key.is_some() && item.key == key) {
            self.shed.push(std::mem::replace(&mut same.id, id));
            same.at = at;
            same.place = admitted.ok().flatten().expect("it is there").place();
            assert_eq!(same.place, Arrival::UNKNOWN, "whose caller gives up has not asked for the new one");
            return;
        }
        let is_full = self.list.iter().filter(|item| item.lane == Some(lane)).count() >= limit;
        match (is_full, overflow, admitted) {
            (true, Overflow::Refuse | Overflow::Wait, Err(Refused::Full(refused))) => assert_eq!(refused, id),
            (true, Overflow::DropNewest, Ok(None)) => self.shed.push(id),
            (true, Overflow::DropOldest, Ok(Some(added))) => {
                let oldest = self.list.iter().position(|item| item.lane == Some(lane)).expect("it is full");
                self.shed.push(self.list.remove(oldest).id);
                self.list.push(Item { id, lane: Some(lane), key, at, place: added.place() });
            }
            (false, _, Ok(Some(added))) => {
                self.list.push(Item { id, lane: Some(lane), key, at, place: added.place() });
            }
            _ => panic!("the mailbox has decided otherwise than the list: full {is_full}, {overflow:?}"),
        }
    }
}

fn id(mail: &Mail<u32>) -> u32 {
    match mail {
        Mail::Message(id) => *id,
        Mail::Signal(_) => 0,
    }
}

proptest! {
    #[test]
    fn a_mailbox_with_a_policy_holds_and_drops_what_a_list_does(
        input in (1_usize..4, overflow()),
        broadcast in (1_usize..4, overflow()),
        ops in prop::collection::vec(op(), 0..120),
    ) {
        let mut both = Both::new([input, broadcast]);
        for op in &ops {
            both.take_op(op);
            let shed: Vec<_> = both.after.shed.iter().map(id).collect();
            prop_assert_eq!(&shed, &both.shed);
            prop_assert_eq!(both.mailbox.len(), both.list.len());
            let figures = both.mailbox.figures().expect("it has a policy");
            let counted = figures.dropped + figures.too_old + figures.coalesced + figures.expired;
            prop_assert_eq!(counted, shed.len() as u64);
        }
        let left: Vec<_> = both.mailbox.close().0.iter().map(id).collect();
        prop_assert_eq!(left, both.list.iter().map(|item| item.id).collect::<Vec<_>>());
    }
}

#[test]
fn room_goes_to_those_who_wait_for_it_in_their_lane_and_to_no_others() {
    let mailbox =
        Mailbox::with_policy(Arc::new(MailboxPolicy::new().input(1, Overflow::Wait).broadcast(1, Overflow::Refuse)));
    let mut after = After::default();
    let tag = |lane| Tag { lane, key: None, at: None, note: None };
    for lane in [Lane::Input, Lane::Broadcast] {
        assert!(matches!(mailbox.admit(0, tag(lane), &mut after), Ok(Some(_))));
    }
    let wait = |message: &mut Option<u32>, ticket: &mut Option<usize>, lane, after: &mut After<u32>| {
        mailbox.poll_admit(message, tag(lane), ticket, Waker::noop(), after)
    };
    let (mut said, mut said_ticket) = (Some(1), None);
    let (mut told, mut told_ticket) = (Some(2), None);
    assert!(wait(&mut said, &mut said_ticket, Lane::Input, &mut after).is_pending());
    assert!(wait(&mut told, &mut told_ticket, Lane::Broadcast, &mut after).is_pending());
    let mut local = VecDeque::new();
    assert!(mailbox.take_one(None, &mut local, &mut after).is_some());
    assert_eq!(after.wakers.len(), 1);
    assert!(wait(&mut told, &mut told_ticket, Lane::Broadcast, &mut after).is_pending());
    assert!(matches!(wait(&mut said, &mut said_ticket, Lane::Input, &mut after), Poll::Ready(Ok(Some(_)))));
    // Who leaves gives the room on, and who closes tells all.
    mailbox.leave(told_ticket.take().expect("it stands in the line"));
    assert!(
        mailbox.take_one(None, &mut local, &mut after).is_some()
            && mailbox.take_one(None, &mut local, &mut after).is_some()
    );
    assert!(matches!(mailbox.admit(3, tag(Lane::Broadcast), &mut after), Ok(Some(_))));
    assert!(matches!(mailbox.admit(4, tag(Lane::Broadcast), &mut after), Err(Refused::Full(4))));
    let (taken, left) = (local.iter().map(id).collect::<Vec<_>>(), mailbox.close().0.len());
    assert_eq!((taken, left), (vec![0, 0, 1], 1));
    assert!(matches!(mailbox.admit(5, tag(Lane::Input), &mut after), Err(Refused::Closed(5))));
}

#[test]
fn a_caller_that_gives_up_does_not_take_the_request_back_that_has_replaced_its_own() {
    let mailbox = Mailbox::with_policy(Arc::new(MailboxPolicy::new().skip_expired(true)));
    let mut after = After::default();
    let tag = || Tag { lane: Lane::Input, key: Some(Key::from(7_u64)), at: None, note: None };
    let replaced = mailbox.admit(1, tag(), &mut after).ok().flatten().expect("it takes all").place();
    assert!(mailbox.admit(2, tag(), &mut after).is_ok());
    assert!(!mailbox.expire(replaced, &mut after));
    assert_eq!(mailbox.close().0.iter().map(id).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_deposit_is_never_dropped_but_drops_the_oldest_or_waits() {
    for overflow in [Overflow::Refuse, Overflow::Wait, Overflow::DropNewest, Overflow::DropOldest] {
        let mailbox = Mailbox::with_policy(Arc::new(MailboxPolicy::new().input(1, overflow)));
        let mut after = After::default();
        let reserve = |ticket: &mut Option<usize>, after: &mut After<u32>| match mailbox.poll_reserve_lane(
            Lane::Input,
            true,
            None,
            ticket,
            Waker::noop(),
            after,
        ) {
            Poll::Ready(LaneClaim::Room(room)) => Some(room.fill_fixed(Mail::Message(2)).expect("it is open")),
            Poll::Ready(_) => panic!("a deposit is not refused"),
            Poll::Pending => None,
        };
        let tag = Tag { lane: Lane::Input, key: None, at: None, note: None };
        assert!(mailbox.admit(1, tag, &mut after).is_ok());
        let (mut first, mut second) = (None, None);
        let drops_the_oldest = overflow == Overflow::DropOldest;
        assert_eq!(reserve(&mut first, &mut after).is_some(), drops_the_oldest, "{overflow:?}");
        assert!(reserve(&mut second, &mut after).is_none(), "what is there is a deposit, too, or has come before");
        let mut local = VecDeque::new();
        let next = if drops_the_oldest { &mut second } else { &mut first };
        assert!(mailbox.take_one(None, &mut local, &mut after).is_some());
        assert!(reserve(next, &mut after).is_some(), "{overflow:?}");
        assert_eq!(after.shed.len(), usize::from(drops_the_oldest));
    }
}
