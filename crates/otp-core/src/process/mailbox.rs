use std::collections::VecDeque;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};

use slab::Slab;

use super::message::{Envelope, Signal};
use crate::sync::Mutex;

/// The shared half of a process's queue: what senders have put there and the process has not yet taken.
///
/// The process swaps the whole queue for its own empty one and drains that without a lock, so that senders and
/// receiver meet once for each batch. An empty mailbox owns no heap.
pub(crate) struct Mailbox<M> {
    shared: Mutex<Shared<M>>,
    /// How many messages the process has taken over but not yet received.
    taken: AtomicUsize,
    /// Whether there is a bound: known without the lock.
    bounded: bool,
}

struct Shared<M> {
    queue: VecDeque<Envelope<M>>,
    closed: bool,
    /// What few mailboxes need: a bound, or a receive under a waker that is not the process's own.
    extra: Option<Box<Extra>>,
}

#[derive(Default)]
struct Extra {
    bound: Option<Bound>,
    receiver: Option<Waker>,
}

struct Bound {
    limit: usize,
    /// Messages in the mailbox, signals not counted.
    used: usize,
    /// Senders that wait for room, by age. Each one that is woken has its place reserved in `granted`.
    waiting: VecDeque<usize>,
    senders: Slab<Sender>,
    granted: usize,
}

enum Sender {
    Waiting(Waker),
    Granted,
}

/// Why a message was not taken; it comes back.
pub(crate) enum Refused<M> {
    Closed(M),
    Full(M),
}

/// A queue larger than this is given back to the allocator once it has been drained.
const KEEP: usize = 1024;

impl<M> Mailbox<M> {
    pub(crate) fn new(limit: Option<usize>) -> Mailbox<M> {
        let extra = limit.map(|limit| {
            let bound = Bound { limit, used: 0, waiting: VecDeque::new(), senders: Slab::new(), granted: 0 };
            Box::new(Extra { bound: Some(bound), receiver: None })
        });
        Mailbox {
            shared: Mutex::new(Shared { queue: VecDeque::new(), closed: false, extra }),
            taken: AtomicUsize::new(0),
            bounded: limit.is_some(),
        }
    }

    /// Adds a message if there is room. The caller wakes the process.
    pub(crate) fn push(&self, message: M) -> Result<(), Refused<M>> {
        let mut shared = self.shared.lock();
        if shared.closed {
            return Err(Refused::Closed(message));
        }
        if let Some(bound) = shared.bound() {
            if bound.used + bound.granted >= bound.limit {
                return Err(Refused::Full(message));
            }
            bound.used += 1;
        }
        shared.add(Envelope::Message(message)).finish(shared);
        Ok(())
    }

    /// Adds a message, room or not; it comes back if the mailbox is closed. The caller wakes the process.
    pub(crate) fn push_beyond(&self, message: M) -> Result<(), M> {
        let mut shared = self.shared.lock();
        if shared.closed {
            return Err(message);
        }
        if let Some(bound) = shared.bound() {
            bound.used += 1;
        }
        shared.add(Envelope::Message(message)).finish(shared);
        Ok(())
    }

    /// Adds a message once there is room; `key` is `None` at first and names the sender's place in the line after.
    /// The caller wakes the process when ready, and calls [`leave`](Mailbox::leave) if it stops waiting.
    pub(crate) fn poll_push(
        &self,
        message: &mut Option<M>,
        key: &mut Option<usize>,
        waker: &Waker,
    ) -> Poll<Result<(), Refused<M>>> {
        // Wakers are dropped after the lock: dropping one may run code that is not ours.
        let mut stale = None;
        let mut shared = self.shared.lock();
        let Some(taken) = message.take() else { return Poll::Pending };
        if shared.closed {
            drop(shared);
            return Poll::Ready(Err(Refused::Closed(taken)));
        }
        if let Some(bound) = shared.bound() {
            if !bound.claim(key, waker, &mut stale) {
                *message = Some(taken);
                drop(shared);
                return Poll::Pending;
            }
            bound.used += 1;
        }
        shared.add(Envelope::Message(taken)).finish(shared);
        Poll::Ready(Ok(()))
    }

    /// Takes a sender out of the line; if it had been given room, the next one gets it.
    pub(crate) fn leave(&self, key: usize) {
        let mut shared = self.shared.lock();
        let left = shared.bound().and_then(|bound| bound.leave(key));
        drop(shared);
        match left {
            Some(Left::Next(next)) => next.wake(),
            Some(Left::Own(own)) => drop(own),
            None => {}
        }
    }

    /// Adds a signal, room or not, and hands it back if the mailbox is closed. The caller wakes the process.
    pub(crate) fn push_signal(&self, signal: Box<Signal>) -> Result<(), Box<Signal>> {
        let mut shared = self.shared.lock();
        if shared.closed {
            return Err(signal);
        }
        shared.add(Envelope::Signal(signal)).finish(shared);
        Ok(())
    }

    /// Takes the signals that `unwanted` names out of what has arrived and has not been taken over.
    pub(crate) fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool) {
        let is_unwanted = |envelope: &Envelope<M>| matches!(envelope, Envelope::Signal(signal) if unwanted(signal));
        let mut shared = self.shared.lock();
        let (withdrawn, kept): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut shared.queue).into_iter().partition(is_unwanted);
        shared.queue = kept;
        // Their reasons are values of users.
        drop(shared);
        drop(withdrawn);
    }

    /// Moves everything behind what `local` holds.
    pub(crate) fn take(&self, local: &mut VecDeque<Envelope<M>>) -> bool {
        let mut shared = self.shared.lock();
        if shared.queue.is_empty() {
            return false;
        }
        if local.is_empty() {
            if local.capacity() > KEEP {
                *local = VecDeque::new();
            }
            std::mem::swap(local, &mut shared.queue);
        } else {
            local.append(&mut shared.queue);
        }
        self.set_taken(local.len());
        true
    }

    /// Puts back, before everything else, what the process has taken; hands it out again if the mailbox is closed.
    pub(crate) fn give_back(&self, mut taken: VecDeque<Envelope<M>>) -> VecDeque<Envelope<M>> {
        let mut shared = self.shared.lock();
        if !shared.closed {
            taken.append(&mut shared.queue);
            std::mem::swap(&mut taken, &mut shared.queue);
        }
        self.set_taken(0);
        drop(shared);
        taken
    }

    /// Notes that the process received one of the envelopes that it had taken; `left` are still there.
    pub(crate) fn received(&self, envelope: &Envelope<M>, left: usize) {
        self.set_taken(left);
        if !self.bounded || !matches!(envelope, Envelope::Message(_)) {
            return;
        }
        let mut shared = self.shared.lock();
        let Some(bound) = shared.bound() else { return };
        bound.used -= 1;
        let next = bound.grant();
        drop(shared);
        if let Some(next) = next {
            next.wake();
        }
    }

    /// Notes how many envelopes the process has taken and not received.
    pub(crate) fn set_taken(&self, left: usize) {
        self.taken.store(left, Ordering::Relaxed);
    }

    /// Has `waker` woken at the next arrival, beside the process itself.
    pub(crate) fn set_receiver(&self, waker: &Waker) {
        let mut shared = self.shared.lock();
        let stale = shared.extra.get_or_insert_default().receiver.replace(waker.clone());
        drop(shared);
        drop(stale);
    }

    /// Closes the mailbox and hands out what was in it. Senders that wait are woken and find it closed.
    pub(crate) fn close(&self) -> VecDeque<Envelope<M>> {
        let mut shared = self.shared.lock();
        shared.closed = true;
        let left = std::mem::take(&mut shared.queue);
        let extra = shared.extra.take();
        drop(shared);
        if let Some(bound) = extra.and_then(|extra| extra.bound) {
            for (_, sender) in bound.senders {
                if let Sender::Waiting(waker) = sender {
                    waker.wake();
                }
            }
        }
        left
    }

    /// Messages and signals that wait to be received.
    pub(crate) fn len(&self) -> usize {
        self.shared.lock().queue.len() + self.taken.load(Ordering::Relaxed)
    }

    /// The bound, if there is one.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.shared.lock().bound().map(|bound| bound.limit)
    }
}

impl<M> Shared<M> {
    fn bound(&mut self) -> Option<&mut Bound> {
        self.extra.as_mut()?.bound.as_mut()
    }

    fn add(&mut self, envelope: Envelope<M>) -> Added {
        self.queue.push_back(envelope);
        Added(self.extra.as_mut().and_then(|extra| extra.receiver.take()))
    }
}

/// The waker of a receive that is not the process's own, to be woken without the lock.
struct Added(Option<Waker>);

impl Added {
    fn finish<M>(self, guard: MutexGuard<'_, Shared<M>>) {
        drop(guard);
        if let Some(waker) = self.0 {
            waker.wake();
        }
    }
}

impl Bound {
    /// Takes a place for one message, or joins the line.
    fn claim(&mut self, key: &mut Option<usize>, waker: &Waker, stale: &mut Option<Waker>) -> bool {
        match *key {
            None if self.used + self.granted < self.limit && self.waiting.is_empty() => true,
            None => {
                let new = self.senders.insert(Sender::Waiting(waker.clone()));
                self.waiting.push_back(new);
                *key = Some(new);
                false
            }
            Some(mine) => match &mut self.senders[mine] {
                Sender::Waiting(old) => {
                    if !old.will_wake(waker) {
                        *stale = Some(std::mem::replace(old, waker.clone()));
                    }
                    false
                }
                Sender::Granted => {
                    self.senders.remove(mine);
                    self.granted -= 1;
                    *key = None;
                    true
                }
            },
        }
    }

    /// Gives a free place to the sender that has waited longest.
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

    fn leave(&mut self, key: usize) -> Option<Left> {
        match self.senders.try_remove(key)? {
            Sender::Waiting(own) => {
                self.waiting.retain(|&waiting| waiting != key);
                Some(Left::Own(own))
            }
            Sender::Granted => {
                self.granted -= 1;
                self.grant().map(Left::Next)
            }
        }
    }
}

/// What remains to be done, without the lock, when a sender has left the line.
enum Left {
    /// Its own waker, to be dropped.
    Own(Waker),
    /// The sender that was given its place.
    Next(Waker),
}
