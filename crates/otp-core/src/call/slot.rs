use std::fmt;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::exit::ExitReason;
use crate::process::{Header, Waiter, with_present};
use crate::runtime::Step;
use crate::sync::Mutex;

/// The reply token of one call: whoever holds it can answer the caller, once, from anywhere and at any time.
///
/// Dropping it without a reply resolves the call at once with [`CallError::NoReply`](super::CallError::NoReply). A
/// reply to a caller that no longer waits vanishes.
///
/// OTP's `gen_server:from()`, as in `gen_server:reply/2`.
#[must_use = "dropping it resolves the call with `NoReply`"]
pub struct From<R: Send + 'static> {
    /// `None` once used.
    slot: Option<Arc<Slot<R>>>,
}

impl<R: Send + 'static> From<R> {
    /// Answers the call.
    pub fn reply(mut self, value: R) {
        if let Some(slot) = self.slot.take() {
            note_answer();
            slot.settle(Answer::Reply(value));
        }
    }

    /// False once the caller has stopped waiting: its timeout has passed, or it has ended.
    pub fn is_awaited(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| matches!(*slot.state.lock(), State::Waiting(_)))
    }
}

/// Tells the observer, if there is one, that the running process answers a call.
fn note_answer() {
    with_present(|present| {
        if let Some(process) = present {
            let Header { system, pid, .. } = process.header();
            system.note(|| Step::Answers { from: *pid });
        }
    });
}

/// A process that drops a token may be about to end, and then its exit reason is the answer.
impl<R: Send + 'static> Drop for From<R> {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        with_present(|present| match present {
            Some(process) => process.header().token_dropped(slot),
            None => slot.dropped(),
        });
    }
}

impl<R: Send + 'static> fmt::Debug for From<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("From")
    }
}

/// Where the answer to one call is left: the first one counts.
pub(super) struct Slot<R> {
    state: Mutex<State<R>>,
}

enum State<R> {
    Waiting(Option<Waker>),
    Settled(Answer<R>),
    /// The answer has been taken, or the caller has gone.
    Over,
}

/// How a call was settled.
pub(super) enum Answer<R> {
    Reply(R),
    /// The token was dropped.
    Dropped,
    /// The callee ended.
    Exited(ExitReason),
}

impl<R> Slot<R> {
    /// A slot, and the token that fills it.
    pub(super) fn with_token() -> (Arc<Slot<R>>, From<R>)
    where
        R: Send + 'static,
    {
        let slot = Arc::new(Slot::new());
        (slot.clone(), From { slot: Some(slot) })
    }

    pub(super) fn new() -> Slot<R> {
        Slot { state: Mutex::new(State::Waiting(None)) }
    }

    /// The answer, once there is one; it is given out once.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<Answer<R>> {
        let mut state = self.state.lock();
        match &mut *state {
            State::Waiting(current) => {
                let stale = match current {
                    Some(current) if current.will_wake(waker) => None,
                    _ => current.replace(waker.clone()),
                };
                drop(state);
                drop(stale);
                Poll::Pending
            }
            State::Settled(_) => match std::mem::replace(&mut *state, State::Over) {
                State::Settled(answer) => Poll::Ready(answer),
                _ => unreachable!("it was just settled"),
            },
            State::Over => Poll::Pending,
        }
    }

    /// The caller no longer waits: an answer that is there, or that comes later, vanishes.
    pub(super) fn abandon(&self) {
        let before = std::mem::replace(&mut *self.state.lock(), State::Over);
        drop(before);
    }

    fn settle(&self, answer: Answer<R>) {
        let mut state = self.state.lock();
        let State::Waiting(waker) = &mut *state else {
            // The answer is dropped after the lock, as all values of users are.
            drop(state);
            return;
        };
        let waker = waker.take();
        *state = State::Settled(answer);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Forgets a dropped token, to wait for what follows it.
    pub(super) fn reopen(&self) {
        let mut state = self.state.lock();
        if matches!(*state, State::Over) {
            *state = State::Waiting(None);
        }
    }
}

impl<R: Send> Waiter for Slot<R> {
    fn exited(&self, reason: &ExitReason) {
        self.settle(Answer::Exited(reason.clone()));
    }

    fn dropped(&self) {
        self.settle(Answer::Dropped);
    }
}
