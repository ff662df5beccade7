//! Code of a process that blocks its thread until a future of the library is ready, as `block_on` does, or that polls one
//! in a loop.
//!
//! Nobody can drop a process that stands in its own poll, so a signal that is to end it has to reach what it waits for.
//! The wakers under which its code polls our futures, and that are not the process's own, are kept; the signal wakes them.
//! A future that is polled then in a process that is about to end is pending, and wakes its waker at once. What combines
//! futures gives control back to the process after a few rounds of that, and the process ends. Who blocks the thread
//! comes again and again: then a call fails with an error, and what can tell no error, or is not believed, leaves the code
//! of the process by unwinding. That drops what is there, as the end of a process does that waits.

use std::fmt;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::panicking;

use super::hand_over;
use super::header::{AnyProcess, Header};
use super::present::{Present, with_present};
use crate::exit::Leaving;
use crate::wakers::Wakers;

/// The place that one wait has among the [`Blocked`] of the process whose code polls it. Empty as long as it is polled under
/// the process's own waker, or by no process.
#[derive(Default)]
pub(crate) struct Foreign(Option<Box<Place>>);

struct Place {
    process: Arc<dyn AnyProcess>,
    key: usize,
}

/// The waits under wakers that are not the process's own.
#[derive(Default)]
pub(crate) struct Blocked {
    pub(super) wakers: Wakers,
    /// How often they were polled since it is to end, without the process itself being woken.
    polls: u32,
}

/// What a future does that is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a blocked process has to go on"]
pub(crate) enum Wait {
    /// It is pending.
    On,
    /// It is ready with an error, if it can be: the process is to end, and blocks its thread.
    Fail,
    /// It unwinds to where the process is polled. Not in a program that aborts where others panic: there it stays blocked,
    /// unless it can tell an error.
    Leave,
}

/// How often a future is polled in a process that is to end before that is a proof. What combines futures gives control
/// back sooner: `FuturesUnordered` after two that wake themselves, a tokio `LocalSet` after 61, an `async-executor`
/// after 200. Under Miri each poll takes long.
const PROOF: u32 = if cfg!(miri) { 16 } else { 1024 };

impl Foreign {
    /// Called by a future that is not ready: mostly it has to wait.
    #[inline]
    pub(crate) fn wait(&mut self, cx: &Context<'_>) -> Wait {
        with_present(|present| match present {
            Some(present) if !present.is_own_waker(cx.waker()) => self.wait_in(present, cx.waker()),
            Some(present) => {
                present.header().may_go_on();
                Wait::On
            }
            None => Wait::On,
        })
    }

    /// As [`wait`](Foreign::wait), for a future that waits for nothing but the future in it.
    #[inline]
    pub(crate) fn wait_for_inner(&mut self, cx: &Context<'_>) -> Wait {
        if_foreign(cx, |present| self.wait_in(present, cx.waker()))
    }

    /// As [`wait`](Foreign::wait), where it is known that the waker is not that of the process `present`.
    #[cold]
    pub(crate) fn wait_in(&mut self, present: &dyn Present, waker: &Waker) -> Wait {
        let header = present.header();
        header.may_go_on();
        hand_over::close();
        if !header.is_about_to_end() {
            self.keep(present, waker);
            // A signal that came before the waker was kept has not woken it.
            if !header.is_about_to_end() {
                return Wait::On;
            }
        }
        let polls = header.count_vain_poll();
        if polls < 2 * PROOF {
            waker.wake_by_ref();
        }
        match polls {
            0..PROOF => Wait::On,
            polls if polls < 2 * PROOF || cfg!(not(panic = "unwind")) => Wait::Fail,
            _ => Wait::Leave,
        }
    }

    fn keep(&mut self, present: &dyn Present, waker: &Waker) {
        let header = present.header();
        if self.0.as_ref().is_some_and(|place| !std::ptr::eq(place.process.header(), header)) {
            self.0 = None;
        }
        let mut key = self.0.as_ref().map(|place| place.key);
        let waker = waker.clone();
        let mut relations = header.relations.lock();
        let Some(alive) = relations.alive() else { return };
        let stale = alive.rare().blocked.get_or_insert_default().wakers.put(&mut key, waker);
        drop(relations);
        drop(stale);
        if let (None, Some(key)) = (&self.0, key) {
            self.0 = Some(Box::new(Place { process: present.process(), key }));
        }
    }
}

/// Returns what a future has come to that was polled under `cx` and waits for something else than a future of the library.
/// If it is pending, and is polled in a process under a waker that is not the process's own, the process may be about to block
/// its thread: what it has woken is then polled by the executor, and not [next](crate::System::hand_over) by the same task.
///
/// The futures of the library do so themselves. A future of your own that processes wait for by blocking their thread, as
/// `block_on` does, returns what it has come to through this function, or is wrapped in [`blockable`].
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::future::poll_fn;
///
/// use futures::FutureExt;
/// use futures::channel::oneshot;
/// use otp::behaviour::may_block;
/// use otp::{ExitReason, ProcessContext};
///
/// /// The answer, for which a process may also block its thread.
/// async fn answer(mut from: oneshot::Receiver<u32>) -> u32 {
///     poll_fn(|cx| may_block(from.poll_unpin(cx), cx)).await.unwrap()
/// }
///
/// let (tell, told) = oneshot::channel();
/// let process = system.spawn(async move |_: ProcessContext<()>| assert_eq!(answer(told).await, 42));
/// tell.send(42).unwrap();
/// assert_eq!(process.exited().await, ExitReason::Normal);
/// # }).unwrap();
/// ```
#[inline]
pub fn may_block<T>(poll: Poll<T>, cx: &Context<'_>) -> Poll<T> {
    if poll.is_pending() {
        with_present(|present| {
            if present.is_some_and(|present| !present.is_own_waker(cx.waker())) {
                hand_over::close();
            }
        });
    }
    poll
}

/// Wraps a future that processes may wait for by blocking their thread: see [`may_block`].
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |_| {
/// use otp::behaviour::blockable;
///
/// assert_eq!(blockable(std::future::ready(42)).await, 42);
/// # }).unwrap();
/// ```
///
/// # Cancel safety
///
/// As that of the future.
pub async fn blockable<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| may_block(future.as_mut().poll(cx), cx)).await
}

/// Whether a future that is polled in a process is polled under another waker than the process's own; what it does then.
#[inline]
pub(super) fn if_foreign(cx: &Context<'_>, wait: impl FnOnce(&dyn Present) -> Wait) -> Wait {
    with_present(|present| match present {
        Some(present) if !present.is_own_waker(cx.waker()) => wait(present),
        _ => Wait::On,
    })
}

impl Wait {
    /// For a future that can tell no error.
    #[inline]
    pub(crate) fn or_leave<T>(self) -> Poll<T> {
        if self == Wait::Leave {
            resume_unwind(Box::new(Leaving));
        }
        Poll::Pending
    }

    /// For a future that is ready with an error when it fails.
    #[inline]
    pub(crate) fn or_fail<E>(self, error: impl FnOnce() -> E) -> Poll<E> {
        if self == Wait::Fail { Poll::Ready(error()) } else { self.or_leave() }
    }
}

impl Header {
    /// True if a signal has come that ends the process at the next place where it waits. What is dropped in a panic is not
    /// to end there: it may wait, as what is dropped at the end.
    #[inline]
    pub(crate) fn is_about_to_end(&self) -> bool {
        self.state.is_about_to_end() && !panicking()
    }

    /// Counts a poll in a process that is about to end. It starts anew when the process itself is woken: what combines
    /// futures does that, sooner or later.
    fn count_vain_poll(&self) -> u32 {
        let was_woken = self.state.forget_wake_up();
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else { return 0 };
        let polls = &mut alive.rare().blocked.get_or_insert_default().polls;
        *polls = if was_woken { 0 } else { polls.saturating_add(1) };
        *polls
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut relations = self.process.header().relations.lock();
        let blocked = relations.alive().and_then(|alive| alive.existing_rare()?.blocked.as_mut());
        let waker = blocked.and_then(|blocked| blocked.wakers.remove(self.key));
        drop(relations);
        drop(waker);
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Foreign" } else { "Own" })
    }
}
