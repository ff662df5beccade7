use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{self, Poll};

use super::body::Body;
use super::offer::{accept, is_offered, offer};
use super::state::{Held, State};

/// One allocation for the public part of a process, its queue, and its future. `B` is a [`Body`], or a trait object of
/// one.
///
/// It is only made inside an `Arc`, and never moved out of it, so the body stays in its place.
pub(crate) struct Allocation<H: Front, Q, B: ?Sized> {
    pub(crate) header: Head<H>,
    pub(crate) mailbox: Q,
    body: B,
}

/// The state word of a process, and the rest of its public part.
pub(crate) struct Head<H: Front> {
    /// Its run lock is that of the body.
    pub(crate) state: State,
    pub(crate) beside: H::Beside,
    rest: H,
}

/// The type of the rest of the public part of a process; see [`Head`].
pub(crate) trait Front {
    /// A value that fills the four bytes beside the state word, which alignment would leave unused. Senders write the
    /// state word, so a value that the process writes for each message does not belong beside it (false sharing).
    type Beside;
}

/// An `Arc` that does not own its count.
type Borrowed<T> = ManuallyDrop<Arc<T>>;

/// A queue of messages of one type.
pub(crate) trait Queue {
    type Message;
}

impl<H: Front, Q, F, Fut> Allocation<H, Q, Body<F, Fut>> {
    pub(crate) fn new(header: Head<H>, mailbox: Q, start: F) -> Arc<Self> {
        Arc::new(Allocation { header, mailbox, body: Body::new(start) })
    }

    /// Polls the future, with the run lock; at the first poll, makes it from an `argument`. A cleared future is
    /// pending.
    #[inline]
    pub(crate) fn poll<A>(
        self: &Arc<Self>,
        lock: &mut Held<'_>,
        argument: impl FnOnce() -> A,
        cx: &mut task::Context<'_>,
    ) -> Poll<Fut::Output>
    where
        F: FnOnce(A) -> Fut,
        Fut: Future,
    {
        self.check(lock);
        // SAFETY: the run lock is held, as was just checked, and by nobody else as long as `lock` is borrowed. `new`
        // has put the body into an `Arc`, where it stays.
        unsafe { self.body.poll(argument, cx) }
    }

    /// Drops the rest of the future, with the run lock.
    pub(crate) fn clear(&self, lock: &mut Held<'_>) {
        self.check(lock);
        // SAFETY: the run lock is held, as was just checked, and by nobody else as long as `lock` is borrowed.
        unsafe { self.body.clear() };
    }

    fn check(&self, lock: &Held<'_>) {
        assert!(lock.is_of(&self.header.state), "the run lock of a process is that of its own body");
    }
}

impl<H: Front, Q, B: ?Sized> Allocation<H, Q, B> {
    pub(crate) fn body(&self) -> &B {
        &self.body
    }

    fn address(&self) -> *const () {
        (&raw const self.header).cast()
    }
}

impl<H: Front, Q: Queue, B: ?Sized> Allocation<H, Q, B> {
    /// Calls `run`, during which the process can take `message`, on this thread; gives the message back if it was not
    /// taken.
    pub(crate) fn offer(&self, message: Q::Message, run: impl FnOnce()) -> Option<Q::Message> {
        // SAFETY: the address is that of a live process. Only `offer` and `accept_offer` name it, and an allocation is
        // of the same `Q`, however its body is seen, so that the messages are of one type.
        unsafe { offer(self.address(), message, run) }
    }

    /// Whether a message is offered to the process on this thread.
    pub(crate) fn has_offer(&self) -> bool {
        // SAFETY: as in `offer`.
        unsafe { is_offered::<Q::Message>(self.address()) }
    }

    /// Takes the message that is offered to the process on this thread.
    pub(crate) fn accept_offer(&self) -> Option<Q::Message> {
        // SAFETY: as in `offer`.
        unsafe { accept(self.address()) }
    }
}

/// What `process` is behind its trait object `D`, of which `body` is the body.
///
/// # Panics
///
/// If `body` is another one's.
#[inline]
pub(crate) fn concrete<H: Front, Q, F, Fut, D: ?Sized>(
    body: &Body<F, Fut>,
    process: &Arc<Allocation<H, Q, D>>,
) -> Borrowed<Allocation<H, Q, Body<F, Fut>>> {
    assert!(std::ptr::addr_eq(body, &raw const process.body), "a body is that of its own process");
    // SAFETY: a body is made by `Allocation::new` and nowhere else, as the body of an allocation, takes room, and is
    // never moved. So what has its address, and is the body of `process`, is it, and `process` was made as this type.
    // The pointer comes from the `Arc`, whose count is borrowed and not given back.
    ManuallyDrop::new(unsafe { Arc::from_raw(Arc::as_ptr(process).cast::<Allocation<H, Q, Body<F, Fut>>>()) })
}

impl<H: Front> Head<H> {
    pub(crate) fn of(state: State, beside: H::Beside, rest: H) -> Head<H> {
        Head { state, beside, rest }
    }
}

impl<H: Front> Deref for Head<H> {
    type Target = H;

    #[inline]
    fn deref(&self) -> &H {
        &self.rest
    }
}
