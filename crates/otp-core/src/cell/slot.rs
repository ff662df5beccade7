use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::exit::ExitReason;
use crate::process::{Dropped, Waiter};
use crate::sync::atomic::{AtomicU8, Ordering};
use crate::sync::{AtomicWaker, UnsafeCell};

/// Where the answer to one call is left: by its [`Token`], or by the end of the callee; the first one counts. Its
/// [`Caller`] takes it.
struct Slot<R> {
    state: AtomicU8,
    /// Written by the token, before it sets `REPLIED`; `None` is a token that was dropped. Read by the caller after.
    reply: UnsafeCell<Option<R>>,
    /// Written by whoever set `EXITING`, before `EXITED`. Read by the caller after.
    exited: UnsafeCell<Option<ExitReason>>,
    waker: AtomicWaker,
}

/// The token was used, or dropped.
const REPLIED: u8 = 1 << 0;
/// Somebody writes the exit reason.
const EXITING: u8 = 1 << 1;
/// The callee has ended, and had not answered before.
const EXITED: u8 = 1 << 2;
/// The caller has left a waker.
const WAITING: u8 = 1 << 3;
/// The caller no longer waits.
const ABANDONED: u8 = 1 << 4;

// SAFETY: each value is written by one thread and announced with release; one other reads it, once it has seen that with
// acquire. So it moves from thread to thread, which `R: Send` allows. No reference to it is given out.
unsafe impl<R: Send> Sync for Slot<R> {}

/// The side of a slot that waits for the answer. Dropping it gives the call up.
pub(crate) struct Caller<R> {
    slot: Arc<Slot<R>>,
    /// The answer has been taken, or is not wanted any more.
    over: bool,
}

/// The side of a slot that answers. There is one, and it answers once.
pub(crate) struct Token<R>(Arc<Slot<R>>);

/// How a call was settled.
pub(crate) enum Answer<R> {
    Reply(R),
    /// The token was dropped.
    Dropped,
    /// The callee ended.
    Exited(ExitReason),
}

/// A slot, as its two sides.
pub(crate) fn slot<R>() -> (Caller<R>, Token<R>) {
    let caller = Caller::without_token();
    let token = Token(caller.slot.clone());
    (caller, token)
}

impl<R> Caller<R> {
    /// A caller that only an exit answers.
    pub(crate) fn without_token() -> Caller<R> {
        let slot = Slot {
            state: AtomicU8::new(0),
            reply: UnsafeCell::new(None),
            exited: UnsafeCell::new(None),
            waker: AtomicWaker::new(),
        };
        Caller { slot: Arc::new(slot), over: false }
    }

    /// The answer, once there is one; it is given out once. Until then `waker` is woken when it comes.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Answer<R>> {
        let slot = &*self.slot;
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
        Poll::Ready(reply.map_or(Answer::Dropped, Answer::Reply))
    }

    /// After [`Answer::Dropped`]: waits for the exit that may follow.
    pub(crate) fn reopen(&mut self) {
        self.slot.state.fetch_and(!REPLIED, Ordering::AcqRel);
        self.over = false;
    }

    /// Gives the call up, unless it was answered.
    pub(crate) fn abandon(&mut self) {
        if !self.over {
            self.over = true;
            if self.slot.state.fetch_or(ABANDONED, Ordering::AcqRel) & WAITING != 0 {
                drop(self.slot.waker.take());
            }
        }
    }

    /// Answers the call with an exit of the callee that the caller itself found out.
    pub(crate) fn exited(&self, reason: &ExitReason)
    where
        R: Send,
    {
        self.slot.exited(reason);
    }

    /// Who is to be told when the callee ends.
    pub(crate) fn waiter(&self) -> Arc<dyn Waiter>
    where
        R: Send + 'static,
    {
        self.slot.clone()
    }
}

impl<R> Drop for Caller<R> {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl<R> Token<R> {
    /// Answers the call. The reply vanishes if the callee has ended before, or nobody waits any more.
    pub(crate) fn reply(self, reply: R) {
        self.settle(Some(reply));
    }

    /// False once an answer is of no use.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.state.load(Ordering::Acquire) & (EXITED | ABANDONED) == 0
    }

    fn settle(self, reply: Option<R>) {
        // SAFETY: only the token writes it, of which there is one; it is used up here, and the caller reads only what
        // is announced below.
        self.0.reply.with_mut(|place| unsafe { *place = reply });
        self.0.announce(REPLIED);
    }
}

impl<R: Send> Dropped for Token<R> {
    fn tell(self: Box<Self>) {
        self.settle(None);
    }
}

impl<R> Slot<R> {
    fn announce(&self, what: u8) {
        if self.state.fetch_or(what, Ordering::AcqRel) & WAITING != 0 {
            self.waker.wake();
        }
    }
}

impl<R: Send> Waiter for Slot<R> {
    fn exited(&self, reason: &ExitReason) {
        let claim = |state| (state & (REPLIED | EXITING) == 0).then_some(state | EXITING);
        if self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, claim).is_ok() {
            // SAFETY: only the one that has set `EXITING` writes it, and the caller reads only what is announced below.
            self.exited.with_mut(|place| unsafe { *place = Some(reason.clone()) });
            self.announce(EXITED);
        }
    }
}
