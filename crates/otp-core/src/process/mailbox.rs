use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::arrival::{Arrival, Arrivals};
use super::bound::Bound;
use super::load::{Lanes, MailboxPolicy};
use super::message::{Mail, Signal};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, wake};

/// The shared half of a process's mailbox: mail that senders have added and the process has not yet taken over.
///
/// The process swaps the whole queue for its own empty one and drains that without a lock, so that senders and receiver
/// meet once for each batch. An empty mailbox owns no heap.
pub(crate) struct Mailbox<M> {
    /// `None` once it is closed.
    pub(super) shared: Mutex<Option<Shared<M>>>,
    /// The number of messages that the process has taken over but not yet received.
    taken: AtomicU32,
    /// Whether there is a bound; can be read without the lock.
    bounded: bool,
    /// Whether there is a policy, also once the mailbox is closed.
    pub(super) has_policy: bool,
}

/// In this order, so that a sender, which writes the lock, the queue and the count, does not touch the cache line in which
/// the receiver writes `taken` for each message: `extra` lies there, and a sender only looks at it where the count says that
/// it concerns senders.
#[repr(C)]
pub(super) struct Shared<M> {
    pub(super) queue: VecDeque<Mail<M>>,
    /// How much has come in.
    pub(super) arrivals: Arrivals,
    /// Parts that few mailboxes need: a bound, a policy, a receive under a foreign waker, or room for a flood.
    pub(super) extra: Option<Box<Extra<M>>>,
}

pub(super) struct Extra<M> {
    pub(super) bound: Option<Bound>,
    /// Of a policy, beside which there is no bound.
    pub(super) lanes: Option<Box<Lanes<M>>>,
    pub(super) receiver: Option<Waker>,
    /// Full queues, the oldest first, all before the one that is added to.
    full: VecDeque<VecDeque<Mail<M>>>,
}

impl<M> Default for Extra<M> {
    fn default() -> Extra<M> {
        Extra { bound: None, lanes: None, receiver: None, full: VecDeque::new() }
    }
}

/// Why a message was refused, with the message.
pub(crate) enum Refused<M> {
    Closed(M),
    Full(M),
    /// Not refused yet: the mailbox has a policy, which has to be asked without a lock.
    ByPolicy(M),
}

/// What the process has taken over.
pub(crate) enum Took {
    Nothing,
    All,
    /// The oldest part of a flood.
    Part,
    /// Nothing yet: the mailbox has a policy, by which mail is taken over piece by piece.
    ByPolicy,
}

/// A queue with a larger capacity is freed once it has been drained, unless the next batch is about as large: under
/// load, both halves keep their size.
const KEEP: usize = 1024;

/// A queue that is full and has so many elements does not grow: another one begins. To grow, it would be copied, while all
/// senders wait for the lock.
const FULL: usize = 1024;

impl<M> Mailbox<M> {
    pub(crate) fn new(limit: Option<usize>) -> Mailbox<M> {
        let extra = limit.map(|limit| Box::new(Extra { bound: Some(Bound::new(limit)), ..Extra::default() }));
        Mailbox {
            shared: Mutex::new(Some(Shared {
                queue: VecDeque::new(),
                arrivals: Arrivals::new(limit.is_some()),
                extra,
            })),
            taken: AtomicU32::new(0),
            bounded: limit.is_some(),
            has_policy: false,
        }
    }

    pub(super) fn with_policy(policy: Arc<MailboxPolicy<M>>) -> Mailbox<M> {
        let lanes = Some(Box::new(Lanes::new(policy)));
        let extra = Some(Box::new(Extra { lanes, ..Extra::default() }));
        let shared = Shared { queue: VecDeque::new(), arrivals: Arrivals::new(true), extra };
        // Room is released when mail is taken over, and not when it is received.
        Mailbox { shared: Mutex::new(Some(shared)), taken: AtomicU32::new(0), bounded: false, has_policy: true }
    }

    /// Adds a message if there is room. The caller wakes the process.
    #[inline]
    pub(crate) fn push(&self, message: M) -> Result<Added, Refused<M>> {
        let mut shared = self.shared.lock();
        let Some(shared) = &mut *shared else { return Err(Refused::Closed(message)) };
        if let Some(extra) = shared.extra() {
            if extra.lanes.is_some() {
                return Err(Refused::ByPolicy(message));
            }
            if extra.bound.as_mut().is_some_and(|bound| !bound.take()) {
                return Err(Refused::Full(message));
            }
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
        let claimed = self.poll_claim(ticket, waker, |open| {
            let message = message.take().expect("it was there");
            match open {
                Some(open) => Ok(open.add(Mail::Message(message))),
                None => Err(Refused::Closed(message)),
            }
        });
        claimed.map(|claimed| match claimed {
            Some(pushed) => pushed,
            None => Err(Refused::ByPolicy(message.take().expect("it is still there"))),
        })
    }

    /// Adds mail whose room is taken, unless the mailbox is closed. The caller wakes the process.
    pub(super) fn add(&self, mail: Mail<M>) -> Option<Added> {
        let mut shared = self.shared.lock();
        // A message that comes too late is dropped without the lock, because function arguments are dropped last.
        Some(shared.as_mut()?.add(mail))
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
        let mut withdrawn = Vec::new();
        let mut keep_wanted = |queue: &mut VecDeque<Mail<M>>| {
            let (unwanted, wanted): (VecDeque<_>, _) = std::mem::take(queue).into_iter().partition(is_unwanted);
            *queue = wanted;
            withdrawn.extend(unwanted);
        };
        if let Some(extra) = &mut open.extra {
            if let Some(lanes) = &mut extra.lanes {
                lanes.retain(|place| !is_unwanted(&open.queue[place]));
            }
            extra.full.iter_mut().for_each(&mut keep_wanted);
        }
        keep_wanted(&mut open.queue);
        // Their reasons are user values.
        drop(shared);
        drop(withdrawn);
    }

    /// Takes over mail, behind that in `local`, unless there is a policy: all that is there, or of a flood the oldest part.
    pub(crate) fn take(&self, local: &mut VecDeque<Mail<M>>) -> Took {
        let mut shared = self.shared.lock();
        let Some(open) = &mut *shared else { return Took::Nothing };
        let mut oldest = None;
        // Senders of a flood need not look at it.
        if let Some(extra) = &mut open.extra {
            if extra.lanes.is_some() {
                return Took::ByPolicy;
            }
            oldest = extra.full.pop_front();
        }
        if let Some(mut oldest) = oldest {
            self.set_taken(local.len() + oldest.len());
            drop(shared);
            if local.is_empty() {
                *local = oldest;
            } else {
                local.append(&mut oldest);
            }
            return Took::Part;
        }
        if open.queue.is_empty() {
            return Took::Nothing;
        }
        if local.is_empty() {
            if local.capacity() > KEEP.max(4 * open.queue.len()) {
                *local = VecDeque::new();
            }
            std::mem::swap(local, &mut open.queue);
        } else {
            local.append(&mut open.queue);
        }
        self.set_taken(local.len());
        Took::All
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
            match &mut open.extra {
                Some(extra) if !extra.full.is_empty() => extra.full.push_front(std::mem::take(&mut taken)),
                extra => {
                    if let Some(lanes) = extra.as_mut().and_then(|extra| extra.lanes.as_mut()) {
                        lanes.note_given_back(taken.len());
                    }
                    taken.append(&mut open.queue);
                    std::mem::swap(&mut taken, &mut open.queue);
                }
            }
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
        let Some(Shared { mut queue, arrivals, extra }) = self.shared.lock().take() else { return Default::default() };
        if let Some(extra) = extra {
            let Extra { bound, lanes, full, .. } = *extra;
            if !full.is_empty() {
                queue = full.into_iter().chain([queue]).flatten().collect();
            }
            bound.into_iter().flat_map(Bound::into_waiting).for_each(wake);
            if let Some(lanes) = lanes {
                lanes.close();
            }
        }
        (queue, arrivals)
    }

    /// Messages and signals that wait to be received.
    pub(crate) fn len(&self) -> usize {
        let waiting = self.shared.lock().as_ref().map_or(0, Shared::len);
        waiting + self.taken.load(Ordering::Relaxed) as usize
    }

    /// The place of the first that waits to be received, if all that came before it was; a later one, if a policy has
    /// dropped some.
    pub(super) fn first_unread(&self) -> Option<Arrival> {
        let shared = self.shared.lock();
        let open = shared.as_ref()?;
        Some(open.arrivals.last(open.len() + self.taken.load(Ordering::Relaxed) as usize))
    }

    /// The bound, if there is one: with a policy, that of the input.
    pub(crate) fn limit(&self) -> Option<usize> {
        match self.shared.lock().as_mut()?.extra()? {
            Extra { lanes: Some(lanes), .. } => lanes.limit(),
            extra => extra.bound.as_ref().map(Bound::limit),
        }
    }

    /// Whether no message is refused or dropped, as long as it is open: then one may also be put into it later than it is
    /// sent.
    pub(super) fn takes_all(&self) -> bool {
        !self.bounded && !self.has_policy
    }
}

impl<M> Shared<M> {
    #[inline]
    fn add(&mut self, mail: Mail<M>) -> Added {
        if self.queue.len() == self.queue.capacity() && self.queue.len() >= FULL {
            self.begin_another();
        }
        self.queue.push_back(mail);
        let place = self.arrivals.next();
        let receiver = self.extra().and_then(|extra| extra.take_note(place));
        Added { receiver, place }
    }

    /// Begins another queue, unless there is a policy, which knows the places in one.
    #[cold]
    fn begin_another(&mut self) {
        let extra = self.extra.get_or_insert_default();
        if extra.lanes.is_none() {
            extra.full.push_back(std::mem::replace(&mut self.queue, VecDeque::with_capacity(FULL)));
        }
    }

    fn len(&self) -> usize {
        let full = self.extra.iter().flat_map(|extra| &extra.full);
        full.map(VecDeque::len).sum::<usize>() + self.queue.len()
    }

    #[inline]
    pub(super) fn extra(&mut self) -> Option<&mut Extra<M>> {
        if self.arrivals.have_extra() { self.extra.as_deref_mut() } else { None }
    }

    #[inline]
    pub(super) fn bound(&mut self) -> Option<&mut Bound> {
        self.extra()?.bound.as_mut()
    }
}

impl<M> Extra<M> {
    /// Notes mail that needs no room, and returns the waker of the receiver.
    fn take_note(&mut self, place: Arrival) -> Option<Waker> {
        if let Some(lanes) = &mut self.lanes {
            lanes.note_signal(place);
        }
        self.receiver.take()
    }
}

/// Proof that something was put into a mailbox. Waking the receiver runs user code, so no lock may be held.
#[must_use = "the process is to be woken"]
pub(crate) struct Added {
    receiver: Option<Waker>,
    place: Arrival,
}

impl Added {
    pub(super) fn new(receiver: Option<Waker>, place: Arrival) -> Added {
        Added { receiver, place }
    }

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
mod tests;
