//! What a process waits for, as far as that is another process: the edges of the graph in which a cycle is a deadlock.
//!
//! A call that runs its callee inline and gets its answer leaves no edge. One that has to wait puts it among the rare parts
//! of its process, under the lock of the process, at each poll that is pending. An edge counts as long as the process has
//! not been woken and polled again, and has polled nothing else in that poll that may let it go on: a receive, a timer, a future
//! under another waker. Its flags say so (`notes`); a new poll clears them with the others.
//!
//! To close a cycle unseen is impossible. Each process sets its flag `CALLS` before it looks at that of the process that it
//! waits for, with a fence between; so the last one of a cycle sees the flag of the next, and walks along the edges when its
//! poll is over (`cycle`). If it meets a process whose poll is not over, that one is woken, and walks itself.

use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Context;

use super::arrival::Arrival;
use super::hand_over;
use super::header::{AnyProcess, Header, Waiter};
use super::notes::{CALLS, ELSE, OVER, SUSPECTS, Waiting};
use super::pid::Pid;
use super::present::with_present;
use super::relations::Relations;
use crate::call::Cycle;
use crate::sync::atomic::{Ordering, fence};
use crate::system::System;

/// The processes that a process waits for, as of its last poll.
#[derive(Default)]
pub(crate) struct Waits {
    pub(super) edges: Vec<Edge>,
    /// The edge that closes a cycle; whoever has put it there is told at its next poll.
    pub(super) verdict: Option<(Edge, Cycle)>,
}

/// A wait for a process.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(super) to: Pid,
    pub(super) what: For,
}

/// What is waited for.
#[derive(Clone)]
pub(crate) enum For {
    /// The answer to a request, by the key of the waiter for the end of the callee, and the place of the request.
    Answer { key: usize, place: Arrival },
    /// The end of the process, by the key of the waiter for it.
    End { key: usize },
    /// What was [declared](Awaited), until it is settled.
    Declared(Arc<Shared<dyn Send + Sync>>),
}

/// Declares that a process waits for another one without a call, as a server does for a task that it awaits, so that a
/// call back to the one that waits is a [`CallError::Deadlock`](crate::CallError::Deadlock) at once.
///
/// The future that waits calls [`waits`](Awaited::waits) when it is pending. Who answers calls
/// [`settle`](Awaited::settle) before it does; the end of its process settles as well. Whoever calls in such a cycle gets
/// the error, not the one that waits here.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::pin::Pin;
///
/// use otp::behaviour::Awaited;
/// use otp::{Call, CallError, ExitReason, ProcessContext, ReplyTo};
///
/// let server = system.spawn(async |ctx: ProcessContext<ReplyTo<u32>>| {
///     // A task that asks the server that waits for it.
///     let (this, awaited) = (ctx.this(), Awaited::default());
///     let (settled, (tell, mut result)) = (awaited.clone(), futures::channel::oneshot::channel());
///     let task = ctx.system().spawn(async move |_: ProcessContext<()>| {
///         let answer = Call::new(&this, |from| from).no_timeout().await;
///         settled.settle();
///         let _ = tell.send(answer);
///     });
///     let result = std::future::poll_fn(|cx| {
///         let poll = Pin::new(&mut result).poll(cx);
///         if poll.is_pending() {
///             awaited.waits(task.system(), task.pid(), cx);
///         }
///         poll
///     });
///     assert!(matches!(result.await, Ok(Err(CallError::Deadlock { .. }))));
/// });
/// assert_eq!(server.exited().await, ExitReason::Normal);
/// # }).unwrap();
/// ```
///
/// The two that share it may share a value in it, such as the answer.
#[must_use = "a wait is declared where it is pending"]
pub struct Awaited<T = ()>(Arc<Shared<T>>);

/// What the one that waits and the one that answers share.
pub(crate) struct Shared<T: ?Sized> {
    settled: AtomicBool,
    value: T,
}

impl<T> Awaited<T> {
    /// A wait that is not settled, with a value.
    pub fn with(value: T) -> Awaited<T> {
        Awaited(Arc::new(Shared { settled: AtomicBool::new(false), value }))
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.0.value
    }

    /// Ends the wait: the answer is there, or about to be.
    pub fn settle(&self) {
        self.0.settled.store(true, Ordering::Release);
    }

    /// Whether the wait was settled.
    pub fn is_settled(&self) -> bool {
        self.0.settled.load(Ordering::Acquire)
    }
}

impl<T: Send + Sync + 'static> Awaited<T> {
    /// Notes that the running process waits for the process `on`, in a future that is pending and is polled now. The note
    /// holds until the running process is polled again.
    ///
    /// It notes nothing if the future is polled by no process, or under a waker that is not that of the process itself, as in a
    /// `FuturesUnordered`. If that may be because the process blocks its thread, this counts: see
    /// [`may_block`](crate::behaviour::may_block).
    pub fn waits(&self, system: &System, on: Pid, cx: &Context<'_>) {
        if !self.is_settled() {
            let _ = wait_for(cx, system, on, None, For::Declared(self.0.clone()));
        }
    }
}

impl Default for Awaited {
    fn default() -> Awaited {
        Awaited::with(())
    }
}

impl<T> Clone for Awaited<T> {
    fn clone(&self) -> Awaited<T> {
        Awaited(self.0.clone())
    }
}

impl<T> fmt::Debug for Awaited<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaited").field("settled", &self.is_settled()).finish_non_exhaustive()
    }
}

/// Notes that the process that is being polled waits for the process `to`, whose header is `callee` if it is at hand.
/// Returns the cycle if its last poll had been found to close one with this wait.
pub(crate) fn wait_for(
    cx: &Context<'_>,
    system: &System,
    to: Pid,
    callee: Option<&Header>,
    what: For,
) -> Option<Cycle> {
    with_present(|present| {
        let present = present?;
        let header = present.header();
        let is_foreign = !present.is_own_waker(cx.waker());
        if is_foreign {
            hand_over::close();
        }
        if is_foreign || header.system != *system {
            header.may_go_on();
            return None;
        }
        let edge = Edge { to, what };
        let told = header.note_edge(edge);
        header.notes.set(CALLS, true);
        // Orders the flag before the look at the other one, as it is in the process that is waited for.
        fence(Ordering::SeqCst);
        let waits = match callee {
            Some(callee) => callee.notes.has(CALLS),
            None => system.table().find(to).is_some_and(|callee| callee.header().notes.has(CALLS)),
        };
        if waits {
            header.notes.set(SUSPECTS, true);
        }
        told
    })
}

/// Notes that the process that is being polled may go on by something else than the answer of a process, if it is polled.
pub(crate) fn may_go_on() {
    with_present(|present| {
        if let Some(present) = present {
            present.header().may_go_on();
        }
    });
}

impl Header {
    /// Notes that this poll of the process has polled something that may let it go on.
    #[inline]
    pub(crate) fn may_go_on(&self) {
        self.notes.set(ELSE, true);
    }

    /// Adds an edge; returns the verdict on it.
    fn note_edge(&self, edge: Edge) -> Option<Cycle> {
        let is_first = !self.notes.has(CALLS);
        let mut relations = self.relations.lock();
        let waits = relations.alive()?.rare().waits.get_or_insert_default();
        if is_first {
            waits.edges.clear();
        }
        let is_closing = |(of, _): &mut (Edge, Cycle)| *of == edge;
        let told = waits.verdict.take_if(is_closing);
        if told.is_none() && !waits.edges.contains(&edge) {
            waits.edges.push(edge);
        }
        told.map(|(_, cycle)| cycle)
    }

    /// After a poll that was pending: if the process waits for others, they can see it now.
    #[inline]
    pub(super) fn waits_on(&self) {
        if self.notes.has(CALLS) {
            self.notes.set(OVER, true);
            if self.notes.has(SUSPECTS) {
                self.look_for_cycle();
            }
        }
    }

    /// What the process waits for, if it waits for nothing else; otherwise it may go on, or is about to look.
    pub(super) fn edges(&self) -> Option<Vec<Edge>> {
        match self.notes.waiting() {
            Waiting::ForOthers => {}
            // It has not seen who waits for it if it noted its wait before; so it looks again.
            Waiting::Unfinished => {
                self.notify();
                return None;
            }
            Waiting::Otherwise => return None,
        }
        // It may have been woken by what lets it go on; if not, it looks again. Mail is no such thing: it does not receive.
        if self.state.is_notified() {
            return None;
        }
        let mut relations = self.relations.lock();
        Some(relations.alive()?.existing_rare()?.waits.as_ref()?.edges.clone())
    }
}

impl Edge {
    /// Whether the wait is not over, and cannot end before `callee`, which does not receive meanwhile, goes on.
    pub(super) fn holds(&self, callee: &dyn AnyProcess) -> bool {
        match &self.what {
            For::Declared(shared) => !shared.settled.load(Ordering::Acquire),
            For::End { key } => is_open(callee, *key),
            For::Answer { key, place } => is_open(callee, *key) && callee.is_before(*place),
        }
    }

    /// Whether the one that waits is told of a cycle.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.what, For::Answer { .. })
    }
}

/// Whether a waiter for the end of a process, or for its answer, is there and has been told nothing.
fn is_open(process: &dyn AnyProcess, key: usize) -> bool {
    match &mut *process.header().relations.lock() {
        Relations::Alive(alive) => alive.waiting.find(key).is_some_and(Waiter::is_open),
        Relations::Dead(_) => false,
    }
}

impl PartialEq for Edge {
    fn eq(&self, other: &Edge) -> bool {
        self.to == other.to
            && match (&self.what, &other.what) {
                (For::Answer { key, place }, For::Answer { key: other, place: of }) => (key, place) == (other, of),
                (For::End { key }, For::End { key: other }) => key == other,
                (For::Declared(own), For::Declared(other)) => ptr::addr_eq(Arc::as_ptr(own), Arc::as_ptr(other)),
                _ => false,
            }
    }
}
