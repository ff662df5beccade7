use std::ptr::NonNull;
use std::task::{Poll, Waker};

use crate::sync::atomic::{AtomicU32, Ordering, fence};
use crate::sync::{AtomicWaker, Tracked, UnsafeCell, wake};

/// The place for the answer to one call. Its [`Token`], or the end of the callee, writes the answer; the first one
/// counts. Its [`Caller`] takes it.
///
/// The holders are counted in the same word as the state, so that an answer that comes before the caller waits for it
/// takes one atomic write: it publishes the reply and releases the slot. The caller is then the only holder.
struct Slot<R, X> {
    state: AtomicU32,
    /// Written by the token, before it sets `REPLIED`; `None` is a token that was dropped. Read by the caller after.
    reply: UnsafeCell<Option<R>>,
    /// Written by the thread that set `EXITING`, before `EXITED`. Read by the caller after.
    exited: UnsafeCell<Option<X>>,
    waker: AtomicWaker,
    memory: Tracked,
}

/// The token was used, or dropped.
const REPLIED: u32 = 1 << 0;
/// A thread writes the exit reason.
const EXITING: u32 = 1 << 1;
/// The callee has ended, and had not answered before.
const EXITED: u32 = 1 << 2;
/// The caller has left a waker.
const WAITING: u32 = 1 << 3;
/// The caller no longer waits.
const ABANDONED: u32 = 1 << 4;
/// The token was dropped with its request, for which the callee had no time.
const SHED: u32 = 1 << 5;
/// The bits above the flags count the holders.
const HOLDER: u32 = 1 << 6;

/// The operations of a [`Holder`] on a slot of any type.
trait Shared: Send + Sync {
    /// The word in which the holders are counted.
    fn state(&self) -> &AtomicU32;
}

/// The operations of a [`Waiter`] for an answer of any type.
trait Exits<X>: Shared {
    fn exited(&self, reason: &X);

    /// Whether the caller waits, and has no answer.
    fn is_open(&self) -> bool;
}

/// A share in a slot; the last one frees the slot.
struct Holder<S: Shared + ?Sized>(NonNull<S>);

/// The side of a slot that waits for the answer. Dropping it gives up the call.
pub(crate) struct Caller<R: Send, X: Send + Clone> {
    slot: Holder<Slot<R, X>>,
    /// The answer has been taken, or is not needed any more.
    over: bool,
}

/// The side of a slot that answers. There is one, and it answers once.
pub(crate) struct Token<R: Send, X: Send + Clone>(Holder<Slot<R, X>>);

/// Notifies the caller that the callee has ended.
pub(crate) struct Waiter<X>(Holder<dyn Exits<X>>);

/// The outcome of a call.
pub(crate) enum Answer<R, X> {
    Reply(R),
    /// The token was dropped.
    Dropped,
    /// The token was dropped with its request, for which the callee had no time.
    Shed,
    /// The callee ended.
    Exited(X),
}

// SAFETY: each value is written by one thread and announced with release; one other reads it, once it has seen that with
// acquire. So it moves from thread to thread, which `Send` allows. No reference to it is given out.
unsafe impl<R: Send, X: Send> Sync for Slot<R, X> {}

// SAFETY: a holder is a shared reference, and whoever is the last one drops the content: `Shared` is `Send` and `Sync`.
unsafe impl<S: Shared + ?Sized> Send for Holder<S> {}

// SAFETY: as above; a shared holder gives out shared references only.
unsafe impl<S: Shared + ?Sized> Sync for Holder<S> {}

/// Makes a slot and returns its two sides.
pub(crate) fn slot<R: Send, X: Send + Clone>() -> (Caller<R, X>, Token<R, X>) {
    let slot = Slot::held(2);
    (Caller { slot: Holder(slot), over: false }, Token(Holder(slot)))
}

impl<R: Send, X: Send + Clone> Caller<R, X> {
    /// Makes a caller that only an exit answers.
    pub(crate) fn without_token() -> Caller<R, X> {
        Caller { slot: Holder(Slot::held(1)), over: false }
    }

    /// Returns the answer, once there is one; only once. Until then `waker` is woken when it comes.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Answer<R, X>> {
        let slot = self.slot.get();
        let mut state = slot.state.load(Ordering::Acquire);
        if state & (REPLIED | EXITED) == 0 {
            slot.waker.register(waker);
            state = slot.state.fetch_or(WAITING, Ordering::AcqRel);
        }
        if state & (REPLIED | EXITED) == 0 || self.over {
            return Poll::Pending;
        }
        self.over = true;
        if state & EXITED != 0 {
            // SAFETY: its writer has set `EXITED`, which was read with acquire, and writes it once. There is one caller,
            // and it is borrowed.
            let reason = slot.exited.with_mut(|reason| unsafe { (*reason).take() });
            return Poll::Ready(Answer::Exited(reason.expect("it is written before it is announced, and taken once")));
        }
        // SAFETY: the token has set `REPLIED`, which was read with acquire, and is used up. There is one caller, and it
        // is borrowed.
        let reply = slot.reply.with_mut(|reply| unsafe { (*reply).take() });
        Poll::Ready(match reply {
            Some(reply) => Answer::Reply(reply),
            None if state & SHED != 0 => Answer::Shed,
            None => Answer::Dropped,
        })
    }

    /// After [`Answer::Dropped`]: waits for the exit that may follow.
    pub(crate) fn reopen(&mut self) {
        self.slot.get().state.fetch_and(!REPLIED, Ordering::AcqRel);
        self.over = false;
    }

    /// After [`Answer::Exited`]: the token goes to another callee. Nobody else can still tell of the exit, as there is one
    /// [`Waiter`] at a time, which has done so.
    pub(crate) fn renew(&mut self) {
        self.slot.get().state.fetch_and(!(EXITING | EXITED), Ordering::AcqRel);
        self.over = false;
    }

    /// Gives up the call, unless it was answered; whether it was not.
    #[inline]
    pub(crate) fn abandon(&mut self) -> bool {
        let gives_up = !self.over;
        if gives_up {
            self.over = true;
            let slot = self.slot.get();
            if slot.state.fetch_or(ABANDONED, Ordering::AcqRel) & WAITING != 0 {
                drop(slot.waker.take());
            }
        }
        gives_up
    }

    /// Answers the call with an exit of the callee that the caller itself has observed.
    pub(crate) fn exited(&self, reason: &X) {
        self.slot.get().exited(reason);
    }
}

impl<R: Send + 'static, X: Send + Clone + 'static> Caller<R, X> {
    /// Makes the waiter to be notified when the callee ends.
    pub(crate) fn waiter(&self) -> Waiter<X> {
        let slot = self.slot.0;
        self.slot.get().state.fetch_add(HOLDER, Ordering::Relaxed);
        Waiter(Holder(slot))
    }
}

impl<R: Send, X: Send + Clone> Drop for Caller<R, X> {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl<R: Send, X: Send + Clone> Token<R, X> {
    /// Answers the call. The reply is dropped if the callee has ended before, or the caller does not wait any more.
    pub(crate) fn reply(self, reply: R) {
        self.settle(Some(reply));
    }

    /// Returns false once an answer is of no use.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.get().state.load(Ordering::Acquire) & (EXITED | ABANDONED) == 0
    }

    /// Leaves the call unanswered, because the callee has no time for it, and notifies the caller.
    pub(crate) fn shed(self) {
        self.0.get().state.fetch_or(SHED, Ordering::Relaxed);
        self.settle(None);
    }

    /// Leaves the call unanswered, and notifies the caller.
    pub(crate) fn drop_unanswered(self) {
        self.settle(None);
    }

    fn settle(self, reply: Option<R>) {
        let slot = self.0.get();
        slot.memory.touch();
        // SAFETY: only the token writes it, of which there is one; it is used up here, and the caller reads only what
        // is announced below.
        slot.reply.with_mut(|place| unsafe { *place = reply });
        // The caller does not wait yet, and there is no other holder: one write leaves the slot to the caller.
        let alone = slot.state.compare_exchange(HOLDER * 2, HOLDER | REPLIED, Ordering::Release, Ordering::Relaxed);
        if alone.is_ok() {
            std::mem::forget(self.0);
        } else {
            slot.announce(REPLIED);
        }
    }
}

impl<X> Waiter<X> {
    /// Answers the call with the exit of the callee.
    pub(crate) fn exited(&self, reason: &X) {
        self.0.get().exited(reason);
    }

    /// Whether the caller still waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.0.get().is_open()
    }
}

impl<R, X> Slot<R, X> {
    fn held(holders: u32) -> NonNull<Slot<R, X>> {
        let slot = Slot {
            state: AtomicU32::new(holders * HOLDER),
            reply: UnsafeCell::new(None),
            exited: UnsafeCell::new(None),
            waker: AtomicWaker::new(),
            memory: Tracked::new(),
        };
        NonNull::from(Box::leak(Box::new(slot)))
    }

    fn announce(&self, what: u32) {
        self.memory.touch();
        if self.state.fetch_or(what, Ordering::AcqRel) & WAITING != 0
            && let Some(waker) = self.waker.take()
        {
            wake(waker);
        }
    }
}

impl<R: Send, X: Send + Clone> Exits<X> for Slot<R, X> {
    fn exited(&self, reason: &X) {
        let claim = |state| (state & (REPLIED | EXITING) == 0).then_some(state | EXITING);
        if self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, claim).is_ok() {
            // SAFETY: only the one that has set `EXITING` writes it, and the caller reads only what is announced below.
            self.exited.with_mut(|place| unsafe { *place = Some(reason.clone()) });
            self.announce(EXITED);
        }
    }

    fn is_open(&self) -> bool {
        self.state.load(Ordering::Acquire) & (REPLIED | EXITING | EXITED | ABANDONED) == 0
    }
}

impl<R: Send, X: Send> Shared for Slot<R, X> {
    fn state(&self) -> &AtomicU32 {
        self.memory.touch();
        &self.state
    }
}

/// Removes a holder; true if it was the last one. It borrows no more of a slot than this word: another holder may free the
/// slot before the function returns.
fn let_go(state: &AtomicU32) -> bool {
    // The only holder stays the only one: only a holder can make another one.
    if state.load(Ordering::Acquire) / HOLDER == 1 {
        return true;
    }
    if state.fetch_sub(HOLDER, Ordering::Release) / HOLDER != 1 {
        return false;
    }
    fence(Ordering::Acquire);
    true
}

impl<S: Shared + ?Sized> Holder<S> {
    fn get(&self) -> &S {
        // SAFETY: the slot is freed with its last holder, and this is one.
        unsafe { self.0.as_ref() }
    }
}

impl<S: Shared + ?Sized> Drop for Holder<S> {
    fn drop(&mut self) {
        if let_go(self.get().state()) {
            // SAFETY: it was leaked from a box by `held`, and this was its last holder: the others have let go of it
            // with release, which was read with acquire.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}
