//! A mailbox with a bound beside a list that does the same.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::task::{ArcWake, waker};
use proptest::prelude::*;

use super::*;
use crate::exit::ExitReason;
use crate::process::{Exit, Pid};

#[derive(Default)]
struct Flag(AtomicBool);

impl ArcWake for Flag {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.store(true, Ordering::Relaxed);
    }
}

/// A sender that waits in the line.
struct Waiting {
    message: Option<u32>,
    ticket: Option<usize>,
    woken: Arc<Flag>,
}

#[derive(Clone, Debug)]
enum Op {
    TrySend,
    Signal,
    /// Somebody takes room for a message that is to be made.
    Reserve,
    /// It is made, and fills the room.
    Fill,
    /// It is not made.
    GiveBack,
    /// A new sender that waits for room.
    Send,
    /// The sender of this index, of those that wait, tries again.
    Retry(usize),
    /// The sender of this index stops waiting.
    Leave(usize),
    /// The process receives the mail of this index, of those that are there.
    Receive(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::TrySend),
        1 => Just(Op::Signal),
        2 => Just(Op::Reserve),
        1 => Just(Op::Fill),
        1 => Just(Op::GiveBack),
        4 => Just(Op::Send),
        4 => any::<usize>().prop_map(Op::Retry),
        2 => any::<usize>().prop_map(Op::Leave),
        6 => prop_oneof![3 => Just(0), 1 => any::<usize>()].prop_map(Op::Receive),
    ]
}

/// A mailbox beside what it should hold: `None` stands for a signal.
struct Both {
    mailbox: Mailbox<u32>,
    local: VecDeque<Mail<u32>>,
    expected: VecDeque<Option<u32>>,
    line: Vec<Waiting>,
    /// Room that is taken and not filled.
    rooms: usize,
    next: u32,
}

impl Both {
    fn new(limit: usize) -> Both {
        let mailbox = Mailbox::new(Some(limit));
        Both { mailbox, local: VecDeque::new(), expected: VecDeque::new(), line: Vec::new(), rooms: 0, next: 0 }
    }

    fn message(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn send(&mut self, mut sender: Waiting) {
        let message = sender.message.expect("it has not been sent");
        match self.mailbox.poll_push(&mut sender.message, &mut sender.ticket, &waker(sender.woken.clone())) {
            Poll::Ready(Ok(_)) => self.expected.push_back(Some(message)),
            Poll::Ready(Err(_)) => panic!("it is open"),
            Poll::Pending => self.line.push(sender),
        }
    }

    fn take_op(&mut self, op: &Op) {
        match *op {
            Op::TrySend => {
                let message = self.message();
                if self.mailbox.push(message).is_ok() {
                    self.expected.push_back(Some(message));
                }
            }
            Op::Reserve => self.rooms += usize::from(self.mailbox.reserve().map(std::mem::forget).is_ok()),
            Op::Fill if self.rooms > 0 => {
                let message = self.message();
                self.mailbox.add(Mail::Message(message)).expect("it is open").wake();
                self.expected.push_back(Some(message));
                self.rooms -= 1;
            }
            Op::GiveBack if self.rooms > 0 => {
                self.mailbox.make_room();
                self.rooms -= 1;
            }
            Op::Signal => {
                let exit = Exit { from: Pid::SYSTEM, reason: ExitReason::Normal };
                assert!(self.mailbox.push_signal(Box::new(Signal::Exit(exit))).is_ok());
                self.expected.push_back(None);
            }
            Op::Send => {
                let message = Some(self.message());
                self.send(Waiting { message, ticket: None, woken: Arc::default() });
            }
            Op::Retry(index) if !self.line.is_empty() => {
                let sender = self.line.remove(index % self.line.len());
                let had_room = sender.woken.0.load(Ordering::Relaxed);
                let waiting = self.line.len();
                self.send(sender);
                assert_eq!(self.line.len() == waiting, had_room, "it has room if, and only if, it was woken");
            }
            Op::Leave(index) if !self.line.is_empty() => {
                let sender = self.line.remove(index % self.line.len());
                self.mailbox.leave(sender.ticket.expect("it waits"));
            }
            Op::Receive(index) if !self.expected.is_empty() => {
                let _ = self.mailbox.take(&mut self.local);
                let index = index % self.expected.len();
                let mail = self.local.remove(index).expect("as many as expected");
                self.mailbox.received(&mail, self.local.len());
                let message = match mail {
                    Mail::Message(message) => Some(message),
                    Mail::Signal(_) => None,
                };
                assert_eq!(Some(message), self.expected.remove(index));
            }
            Op::Fill | Op::GiveBack | Op::Retry(_) | Op::Leave(_) | Op::Receive(_) => {}
        }
    }

    fn check(&self, limit: usize) {
        assert_eq!(self.mailbox.len(), self.expected.len());
        let used = self.expected.iter().flatten().count() + self.rooms;
        // Woken are always those who have waited longest.
        let mut by_age: Vec<_> = self.line.iter().map(|sender| (sender.message, is_woken(sender))).collect();
        by_age.sort_unstable();
        assert!(by_age.is_sorted_by_key(|(_, woken)| !woken), "{by_age:?}");
        let granted = by_age.iter().filter(|(_, woken)| *woken).count();
        // Nobody waits while there is room.
        assert!(granted == by_age.len() || used + granted >= limit, "{used} {granted} {limit}");
    }
}

fn is_woken(sender: &Waiting) -> bool {
    sender.woken.0.load(Ordering::Relaxed)
}

proptest! {
    #[test]
    fn a_bound_is_kept_and_nobody_waits_while_there_is_room(
        limit in 1_usize..4,
        ops in prop::collection::vec(op(), 0..100),
    ) {
        let mut both = Both::new(limit);
        for op in &ops {
            both.take_op(op);
            both.check(limit);
        }
        let waiting = std::mem::take(&mut both.line);
        both.mailbox.give_back(std::mem::take(&mut both.local));
        let left: Vec<_> = both.mailbox.close().0.into_iter().map(|mail| match mail {
            Mail::Message(message) => Some(message),
            Mail::Signal(_) => None,
        }).collect();
        prop_assert_eq!(left, Vec::from(both.expected));
        prop_assert!(waiting.iter().all(is_woken), "they are told that it is closed");
        for mut sender in waiting {
            let sent = both.mailbox.poll_push(&mut sender.message, &mut sender.ticket, Waker::noop());
            prop_assert!(matches!(sent, Poll::Ready(Err(Refused::Closed(_)))));
        }
    }
}

#[test]
fn an_empty_mailbox_owns_no_heap() {
    let mailbox = Mailbox::<u64>::new(None);
    let shared = mailbox.shared.lock();
    let shared = shared.as_ref().expect("it is open");
    assert_eq!((shared.queue.capacity(), shared.extra.is_none()), (0, true));
}

/// A mailbox with so many messages, numbered from 0.
fn flooded(count: usize) -> Mailbox<usize> {
    let mailbox = Mailbox::new(None);
    for n in 0..count {
        assert!(mailbox.push(n).is_ok());
    }
    mailbox
}

fn messages(mail: VecDeque<Mail<usize>>) -> Vec<usize> {
    let message = |mail| match mail {
        Mail::Message(message) => message,
        Mail::Signal(_) => panic!("no signal was sent"),
    };
    mail.into_iter().map(message).collect()
}

#[test]
fn a_flood_is_taken_over_in_order_and_neither_it_nor_its_memory_stays() {
    const COUNT: usize = 10 * FULL + 7;
    let (mailbox, mut local) = (flooded(COUNT), VecDeque::new());
    let capacity = |mailbox: &Mailbox<_>| mailbox.shared.lock().as_ref().expect("it is open").queue.capacity();
    assert!(capacity(&mailbox) <= 2 * FULL, "it does not grow");
    let mut received = Vec::new();
    while let Took::Part | Took::All = mailbox.take(&mut local) {
        assert_eq!(mailbox.len(), COUNT - received.len());
        received.extend(messages(std::mem::take(&mut local)));
        mailbox.set_taken(0);
    }
    assert!(received.into_iter().eq(0..COUNT));
    assert!(mailbox.push(0).is_ok());
    assert!(matches!(mailbox.take(&mut local), Took::All));
    assert!(capacity(&mailbox) <= KEEP && local.capacity() <= KEEP);
}

#[test]
fn a_flood_is_taken_over_behind_what_is_kept_and_returned_by_who_receives_no_more() {
    let (mailbox, mut local) = (flooded(4 * FULL), VecDeque::new());
    for _ in 0..2 {
        assert!(matches!(mailbox.take(&mut local), Took::Part));
    }
    let kept = local.split_off(FULL / 2);
    assert!(messages(local).into_iter().eq(0..FULL / 2));
    assert!(mailbox.give_back(kept).is_empty());
    assert_eq!(mailbox.len(), 4 * FULL - FULL / 2);
    assert!(messages(mailbox.close().0).into_iter().eq(FULL / 2..4 * FULL));
}

#[test]
fn signals_are_withdrawn_from_all_queues_of_a_flood() {
    let mailbox = Mailbox::new(None);
    for n in 0..3 * FULL {
        let exit = Exit { from: Pid::SYSTEM, reason: ExitReason::Normal };
        assert!(mailbox.push(n).is_ok() && mailbox.push_signal(Box::new(Signal::Exit(exit))).is_ok());
    }
    mailbox.withdraw(&|signal| matches!(signal, Signal::Exit(_)));
    assert!(messages(mailbox.close().0).into_iter().eq(0..3 * FULL));
}
