use std::collections::VecDeque;
use std::task::{Poll, Waker};

use super::arrival::{Arrival, Arrivals};
use super::bound::{Bound, Claim, Left};
use super::message::{Mail, Signal};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, wake};

/// The shared half of a process's mailbox: mail that senders have added and the process has not yet taken over.
///
/// The process swaps the whole queue for its own empty one and drains that without a lock, so that senders and receiver
/// meet once for each batch. An empty mailbox owns no heap.
pub(crate) struct Mailbox<M> {
    /// `None` once it is closed.
    shared: Mutex<Option<Shared<M>>>,
    /// The number of messages that the process has taken over but not yet received.
    taken: AtomicU32,
    /// Whether there is a bound; can be read without the lock.
    bounded: bool,
}

/// In this order, so that a sender, which writes the lock, the queue and the count, does not touch the cache line in which
/// the receiver writes `taken` for each message: `extra` lies there, and is only looked at where the count says that it is
/// there.
#[repr(C)]
struct Shared<M> {
    queue: VecDeque<Mail<M>>,
    /// How much has come in.
    arrivals: Arrivals,
    /// Parts that few mailboxes need: a bound, or a receive under a foreign waker.
    extra: Option<Box<Extra>>,
}

#[derive(Default)]
struct Extra {
    bound: Option<Bound>,
    receiver: Option<Waker>,
}

/// Why a message was refused, with the message.
pub(crate) enum Refused<M> {
    Closed(M),
    Full(M),
}

/// A queue with a larger capacity is freed once it has been drained, unless the next batch is about as large: under
/// load, both halves keep their size.
const KEEP: usize = 1024;

impl<M> Mailbox<M> {
    pub(crate) fn new(limit: Option<usize>) -> Mailbox<M> {
        let extra = limit.map(|limit| Box::new(Extra { bound: Some(Bound::new(limit)), receiver: None }));
        Mailbox {
            shared: Mutex::new(Some(Shared {
                queue: VecDeque::new(),
                arrivals: Arrivals::new(limit.is_some()),
                extra,
            })),
            taken: AtomicU32::new(0),
            bounded: limit.is_some(),
        }
    }

    /// Adds a message if there is room. The caller wakes the process.
    #[inline]
    pub(crate) fn push(&self, message: M) -> Result<Added, Refused<M>> {
        let mut shared = self.shared.lock();
        let Some(shared) = &mut *shared else { return Err(Refused::Closed(message)) };
        if shared.bound().is_some_and(|bound| !bound.take()) {
            return Err(Refused::Full(message));
        }
        Ok(shared.add(Mail::Message(message)))
    }

    /// Adds a message once there is room; `ticket` is `None` at first, and then the sender's place in the line. The
    /// caller wakes the process when this is ready, and calls [`leave`](Mailbox::leave) if it stops waiting.
    pub(crate) fn poll_push(
        &self,
        message: &mut Option<M>,
        ticket: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<Added, Refused<M>>> {
        if message.is_none() {
            return Poll::Pending;
        }
        self.poll_claim(ticket, waker, |open| {
            let message = message.take().expect("it was there");
            match open {
                Some(open) => Ok(open.add(Mail::Message(message))),
                None => Err(Refused::Closed(message)),
            }
        })
    }

    /// Calls `act` once there is room, which it has taken then, or the mailbox is closed.
    #[inline]
    fn poll_claim<T>(
        &self,
        ticket: &mut Option<usize>,
        waker: &Waker,
        act: impl FnOnce(Option<&mut Shared<M>>) -> T,
    ) -> Poll<T> {
        // Dropped after the lock: dropping one may run code that is not ours.
        let mut own = None;
        loop {
            let mut shared = self.shared.lock();
            let claim = match &mut *shared {
                None => Claim::Room,
                Some(open) => open.bound().map_or(Claim::Room, |bound| bound.claim(ticket, waker, &mut own)),
            };
            match claim {
                Claim::Room => return Poll::Ready(act(shared.as_mut())),
                Claim::Waits => return Poll::Pending,
                Claim::NeedsWaker => {
                    drop(shared);
                    own = Some(waker.clone());
                }
            }
        }
    }

    /// Reserves room for a message that is [added](Mailbox::add) later.
    pub(super) fn take_room(&self) -> Result<(), Refused<()>> {
        let mut shared = self.shared.lock();
        let Some(open) = &mut *shared else { return Err(Refused::Closed(())) };
        if open.bound().is_none_or(Bound::take) { Ok(()) } else { Err(Refused::Full(())) }
    }

    /// Reserves room like [`take_room`](Mailbox::take_room), once there is room; false if the mailbox is closed. The
    /// ticket is as in [`poll_push`](Mailbox::poll_push).
    pub(super) fn poll_room(&self, ticket: &mut Option<usize>, waker: &Waker) -> Poll<bool> {
        self.poll_claim(ticket, waker, |open| open.is_some())
    }

    /// Adds mail whose room is taken, unless the mailbox is closed. The caller wakes the process.
    pub(super) fn add(&self, mail: Mail<M>) -> Option<Added> {
        let mut shared = self.shared.lock();
        // A message that comes too late is dropped without the lock, because function arguments are dropped last.
        Some(shared.as_mut()?.add(mail))
    }

    /// Removes a sender from the line; if it had been given room, the next one gets it.
    pub(crate) fn leave(&self, ticket: usize) {
        let mut shared = self.shared.lock();
        let left = shared.as_mut().and_then(|open| open.bound()?.leave(ticket));
        drop(shared);
        match left {
            Some(Left::Next(next)) => wake(next),
            Some(Left::Own(own)) => drop(own),
            None => {}
        }
    }

    /// Adds a signal regardless of the bound; gives it back if the mailbox is closed. The caller wakes the process.
    pub(crate) fn push_signal(&self, signal: Box<Signal>) -> Result<Added, Box<Signal>> {
        let mut shared = self.shared.lock();
        match &mut *shared {
            None => Err(signal),
            Some(open) => Ok(open.add(Mail::Signal(signal))),
        }
    }

    /// Removes the `unwanted` signals from the mail that has arrived and has not been taken over.
    pub(crate) fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool) {
        let is_unwanted = |mail: &Mail<M>| matches!(mail, Mail::Signal(signal) if unwanted(signal));
        let mut shared = self.shared.lock();
        let Some(open) = &mut *shared else { return };
        let (withdrawn, kept): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut open.queue).into_iter().partition(is_unwanted);
        open.queue = kept;
        // Their reasons are user values.
        drop(shared);
        drop(withdrawn);
    }

    /// Takes over all mail, behind that in `local`.
    pub(crate) fn take(&self, local: &mut VecDeque<Mail<M>>) -> bool {
        let mut shared = self.shared.lock();
        let Some(shared) = shared.as_mut().filter(|open| !open.queue.is_empty()) else { return false };
        if local.is_empty() {
            if local.capacity() > KEEP.max(4 * shared.queue.len()) {
                *local = VecDeque::new();
            }
            std::mem::swap(local, &mut shared.queue);
        } else {
            local.append(&mut shared.queue);
        }
        self.set_taken(local.len());
        true
    }

    /// Frees memory that an empty queue does not need.
    pub(crate) fn release_memory(&self) {
        if let Some(open) = &mut *self.shared.lock() {
            open.queue.shrink_to_fit();
        }
    }

    /// Puts mail that the process has taken over back to the front; returns it if the mailbox is closed.
    pub(crate) fn give_back(&self, mut taken: VecDeque<Mail<M>>) -> VecDeque<Mail<M>> {
        let mut shared = self.shared.lock();
        if let Some(open) = &mut *shared {
            taken.append(&mut open.queue);
            std::mem::swap(&mut taken, &mut open.queue);
        }
        self.set_taken(0);
        drop(shared);
        taken
    }

    /// Records that the process received some of the mail that it had taken over, and how much is left.
    #[inline]
    pub(crate) fn received(&self, mail: &Mail<M>, left: usize) {
        self.set_taken(left);
        if self.bounded && matches!(mail, Mail::Message(_)) {
            self.make_room();
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

    /// Records that the process keeps a message that did not come through the mailbox, and how much mail it has now.
    pub(crate) fn adopt(&self, left: usize) {
        self.set_taken(left);
        if self.bounded
            && let Some(open) = &mut *self.shared.lock()
            && let Some(bound) = open.bound()
        {
            bound.take_beyond();
        }
    }

    /// Records how much mail the process has taken over and not received.
    pub(crate) fn set_taken(&self, left: usize) {
        // Only for display, so a count beyond four billion may be wrong.
        self.taken.store(left as u32, Ordering::Relaxed);
    }

    /// Sets a `waker` to wake at the next arrival, in addition to the process itself.
    pub(crate) fn set_receiver(&self, waker: Waker) {
        let mut shared = self.shared.lock();
        let Some(open) = &mut *shared else { return };
        open.arrivals.note_extra();
        let stale = open.extra.get_or_insert_default().receiver.replace(waker);
        drop(shared);
        drop(stale);
    }

    /// Closes the mailbox and returns its content, and how much had come in. Waiting senders are woken and find it closed.
    pub(crate) fn close(&self) -> (VecDeque<Mail<M>>, Arrivals) {
        let Some(Shared { queue, arrivals, extra }) = self.shared.lock().take() else { return Default::default() };
        if let Some(bound) = extra.and_then(|extra| extra.bound) {
            bound.into_waiting().for_each(wake);
        }
        (queue, arrivals)
    }

    /// Messages and signals that wait to be received.
    pub(crate) fn len(&self) -> usize {
        let waiting = self.shared.lock().as_ref().map_or(0, |open| open.queue.len());
        waiting + self.taken.load(Ordering::Relaxed) as usize
    }

    /// The place of the first that waits to be received, if all that came before it was.
    pub(super) fn first_unread(&self) -> Option<Arrival> {
        let shared = self.shared.lock();
        let open = shared.as_ref()?;
        Some(open.arrivals.last(open.queue.len() + self.taken.load(Ordering::Relaxed) as usize))
    }

    /// The bound, if there is one.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.shared.lock().as_mut()?.bound().map(|bound| bound.limit())
    }
}

impl<M> Shared<M> {
    #[inline]
    fn add(&mut self, mail: Mail<M>) -> Added {
        self.queue.push_back(mail);
        let receiver = self.extra().and_then(|extra| extra.receiver.take());
        Added { receiver, place: self.arrivals.next() }
    }

    #[inline]
    fn extra(&mut self) -> Option<&mut Extra> {
        if self.arrivals.have_extra() { self.extra.as_deref_mut() } else { None }
    }

    #[inline]
    fn bound(&mut self) -> Option<&mut Bound> {
        self.extra()?.bound.as_mut()
    }
}

/// Proof that something was put into a mailbox. Waking the receiver runs user code, so no lock may be held.
#[must_use = "the process is to be woken"]
pub(crate) struct Added {
    receiver: Option<Waker>,
    place: Arrival,
}

impl Added {
    pub(crate) fn place(&self) -> Arrival {
        self.place
    }

    /// Wakes the receive that is polled under a foreign waker.
    #[inline]
    pub(crate) fn wake(self) {
        if let Some(waker) = self.receiver {
            wake(waker);
        }
    }
}

#[cfg(test)]
mod tests {
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
                Op::Reserve => self.rooms += usize::from(self.mailbox.take_room().is_ok()),
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
                    self.mailbox.take(&mut self.local);
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

    #[test]
    fn a_large_queue_is_given_back_once_it_has_been_drained() {
        let mailbox = Mailbox::new(None);
        let mut local = VecDeque::new();
        for n in 0..10 * KEEP {
            assert!(mailbox.push(n).is_ok());
        }
        assert!(mailbox.take(&mut local));
        local.clear();
        assert!(mailbox.push(0).is_ok());
        assert!(mailbox.take(&mut local));
        let capacity = mailbox.shared.lock().as_ref().expect("it is open").queue.capacity();
        assert!(capacity <= KEEP && local.capacity() <= KEEP, "{capacity} {}", local.capacity());
    }
}
