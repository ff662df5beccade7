//! Calls that run the callee on the caller's thread.
//!
//! The caller of an idle server has to wait for it anyway. Instead of waking the executor and being woken by it, it
//! takes the server's run lock and polls it. The reply is there at once, nothing is scheduled and no timer is armed.
//!
//! It is a scheduled call, only faster: the server has to have [shown](super::pace) that it is fast, a limit of the call
//! holds, and the caller's `tracing` spans are left for the time. What the executor keeps for a task or for a thread,
//! such as tokio's task-locals, is the caller's meanwhile: [`SpawnOptions::inline`](super::SpawnOptions::inline) and its
//! like switch inline calls off.

use std::cell::Cell;
use std::future::poll_fn;
use std::mem;
use std::task::{Context, Poll};
use std::time::Duration;

use tracing::dispatcher::get_default;
use tracing::level_filters::LevelFilter;

use super::arrival::Arrival;
use super::header::Header;
use super::present::with_present;
use super::process_ref::ProcessRef;
use super::send_error::TrySendError;
use crate::cell::{BeginInline, Held};
use crate::exit::contain;
use crate::switch::lets_others_run;
use crate::sync::thread_local;
use crate::system::System;

/// How often a caller retries to run a server that another thread runs: for about the duration of a short call. Once in
/// the models, which try every order.
const LOOKS: u32 = if cfg!(otp_loom) { 1 } else { 32 };

/// How many calls may run inside each other on one thread: their polls share its stack.
const MAX_DEPTH: u8 = 4;

/// After how many calls a thread yields once. A yield costs as much as several calls, and wakes another thread on some
/// executors.
const CALLS: u16 = 512;

/// As how many calls a start counts, or a stop, which takes as long.
const CALLS_OF_A_LIFE: u16 = 4;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    /// The number of calls until this thread yields.
    static IN_A_ROW: Cell<u16> = const { Cell::new(CALLS) };
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message whose sender is about to wait for the answer: runs the process here if it is idle, and notes how
    /// long that `took`; nothing if that does not matter, because the sender waits without a limit.
    pub(crate) fn send_and_run(
        &self,
        message: M,
        has_limit: bool,
        took: &mut Option<Duration>,
    ) -> Result<Arrival, TrySendError<M>> {
        let cell = self.cell();
        if let Some(lock) = self.begin_inline() {
            if self.header().is_marked() {
                self.note_inline();
                self.header().put_note(self.note());
            }
            let number = cell.header.handled().wrapping_add(1);
            let is_timed = has_limit || self.header().is_to_be_timed(number);
            let left = self.run_timed(is_timed, took, || cell.run_inline(message, lock));
            // It was about to do something else than to receive, or has ended.
            return left.map_or_else(
                || Ok(Arrival::inline(number)),
                |message| {
                    if self.header().is_watched() {
                        self.header().put_note(None);
                    }
                    self.try_push(message)
                },
            );
        }
        self.try_push(message)
    }

    /// Runs the process here if it is idle, and notes how long that `took`. Mail was put into its mailbox, and it has not
    /// been woken for that; the caller does so if the process has not come to it.
    pub(super) fn run_for_mail(&self, took: &mut Option<Duration>) {
        let cell = self.cell();
        if let Some(lock) = self.begin_inline() {
            self.note_inline();
            self.run_timed(true, took, || cell.body().run_inline(cell, lock, false));
        }
    }

    /// Takes the run lock of the process, if it is idle and this thread may run it.
    #[inline]
    fn begin_inline(&self) -> Option<Held<'_>> {
        let callee = self.header();
        if may_be_run(callee) && caller_may_run(callee) { begin(callee) } else { None }
    }

    #[inline]
    fn run_timed<R>(&self, is_timed: bool, took: &mut Option<Duration>, run: impl FnOnce() -> R) -> R {
        let callee = self.header();
        run_here(&callee.system, is_timed, run, |time| {
            *took = Some(time.unwrap_or_default());
            if let Some(time) = time {
                callee.answered(time);
            }
        })
    }
}

impl Header {
    /// Whether it is known to be fast: it has proved that, or all that is new of its type.
    #[inline]
    fn is_trusted(&self) -> bool {
        self.pace().is_trusted() || self.pace().is_unproven() && self.is_of_trusted_type()
    }

    #[cold]
    fn is_of_trusted_type(&self) -> bool {
        self.paces_of_type().is_some_and(|paces| paces.news.is_trusted())
    }

    /// Whether a run is to be timed in which it receives its message of this number. What it has to prove itself was proved
    /// by others, if all that is new of its type has been fast for long.
    #[inline]
    fn is_to_be_timed(&self, number: u64) -> bool {
        self.pace().is_to_be_timed(number) && !(self.pace().is_unproven() && self.is_left_untimed_by_type(number))
    }

    #[cold]
    fn is_left_untimed_by_type(&self, number: u64) -> bool {
        let number = self.pid.number() << 16 ^ number;
        self.paces_of_type().is_some_and(|paces| !paces.news.is_to_be_timed(number))
    }

    /// Records how long it took for what it received.
    #[inline]
    fn answered(&self, took: Duration) {
        if self.pace().ran(took)
            && !self.has_crashed()
            && let Some(paces) = self.paces_of_type()
        {
            paces.news.ran(took);
        }
    }

    /// Runs the process on its executor, and takes the time as long as it has to prove that it is fast.
    pub(super) fn prove(&self, run: impl FnOnce() -> bool) -> bool {
        if self.is_directed() || !self.pace().is_unproven() {
            return run();
        }
        let (before, start) = (self.handled(), self.system.now());
        let ended = run();
        if ended && self.has_crashed() {
            return true;
        }
        let received = u32::try_from(self.handled() - before).unwrap_or(u32::MAX);
        let is_of_a_life = self.is_behaviour() && (ended || self.runs_first());
        // Others may do all their work without receiving, as one that only calls.
        let is_at_work = received > 0 || !self.is_behaviour() && !self.runs_first();
        if is_at_work || is_of_a_life {
            let took = (self.system.now() - start) / received.max(1);
            if is_at_work {
                self.answered(took);
            }
            if is_of_a_life {
                self.began_or_ended(took);
            }
        }
        ended
    }
}

/// Whether the callee is one that callers may run. In a simulation, where time stands still, the seed decides.
#[inline]
fn may_be_run(callee: &Header) -> bool {
    if callee.is_directed() {
        !callee.pace().is_never() && callee.system.runs_inline(callee.pid)
    } else {
        callee.is_trusted() && callee.system.has_inline_calls()
    }
}

/// Runs a process on this thread, in the middle of what runs here; `note` is told how long that took, if it is timed.
#[inline]
pub(super) fn run_here<R>(
    system: &System,
    is_timed: bool,
    run: impl FnOnce() -> R,
    note: impl FnOnce(Option<Duration>),
) -> R {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let start = is_timed.then(|| system.now());
    let output = outside_of_spans(run);
    note(start.map(|start| system.now() - start));
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    output
}

/// Runs a callee outside of the spans that the calling thread is in, which are its caller's.
#[inline]
fn outside_of_spans<R>(run: impl FnOnce() -> R) -> R {
    if LevelFilter::current() == LevelFilter::OFF { run() } else { leave_spans(run) }
}

#[cold]
fn leave_spans<R>(run: impl FnOnce() -> R) -> R {
    let mut left = Vec::new();
    let mut leave = || {
        get_default(|subscriber| {
            while let Some(span) = subscriber.current_span().id().cloned()
                && left.last() != Some(&span)
            {
                subscriber.exit(&span);
                left.push(span);
            }
        });
    };
    // A subscriber is code of users.
    drop(contain(&mut leave));
    let output = run();
    drop(contain(|| get_default(|subscriber| left.iter().rev().for_each(|span| subscriber.enter(span)))));
    output
}

/// Takes the callee's run lock if the callee waits for a message. If another thread runs it, that thread is usually a
/// caller, too, and about to finish: retrying for a moment costs less than having the executor run the callee later.
#[inline]
fn begin(callee: &Header) -> Option<Held<'_>> {
    for _ in 0..LOOKS {
        match callee.state.begin_inline() {
            BeginInline::Run(lock) => return Some(lock),
            BeginInline::Busy => std::hint::spin_loop(),
            BeginInline::No => return None,
        }
    }
    None
}

/// The callee needs its executor, which is available if a process of the same system calls; and the stack has to hold it.
#[inline]
pub(super) fn caller_may_run(callee: &Header) -> bool {
    if DEPTH.with(Cell::get) >= MAX_DEPTH {
        return false;
    }
    let is_process = with_present(|caller| caller.is_some_and(|caller| caller.header().system == callee.system));
    is_process || callee.system.runtime().is_entered()
}

/// Whether a caller on this thread has to yield before it calls `system`, so that a task that does nothing but call
/// does not starve others; it is woken then. In a simulation, where the history of a thread is not part of a run, each
/// call yields once: at its first poll, before it has `begun`.
#[inline]
pub(crate) fn has_to_wait(system: &System, begun: &mut bool, cx: &mut Context<'_>) -> bool {
    let waits = match system.director() {
        None => IN_A_ROW.with(|in_a_row| {
            let left = in_a_row.get();
            in_a_row.set(left.checked_sub(1).unwrap_or(CALLS));
            left == 0
        }),
        Some(_) => !mem::replace(begun, true) && lets_others_run(cx.waker()),
    };
    if waits {
        cx.waker().wake_by_ref();
    }
    waits
}

/// Whether a start or a stop may run its process on this thread, before the thread has to yield: it counts as several
/// calls.
pub(super) fn has_turn() -> bool {
    IN_A_ROW.with(|in_a_row| {
        let left = in_a_row.get().checked_sub(CALLS_OF_A_LIFE);
        in_a_row.set(left.unwrap_or(CALLS));
        left.is_some()
    })
}

/// Lets others run now and then, before a start or a stop that may run its process on this thread: one that does nothing
/// but start and stop would otherwise have to leave one in 128 of its starts and stops to the executor, to let others run.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::behaviour::{exit_at_once, take_turn};
/// use otp::{ExitReason, Message, ProcessContext};
///
/// for _ in 0..100 {
///     let process = system.spawn(async |mut ctx: ProcessContext<()>| while ctx.receive().await == Message::User(()) {});
///     take_turn(&system).await;
///     assert_eq!(exit_at_once(&system, process.pid(), ExitReason::Shutdown).await, ExitReason::Shutdown);
/// }
/// # }).unwrap();
/// ```
///
/// In a simulation it is ready at once: the seed decides who runs.
pub fn take_turn(system: &System) -> impl Future<Output = ()> + Send + use<> {
    let runs_at_once = system.director().is_none();
    poll_fn(move |cx| {
        let waits = runs_at_once && IN_A_ROW.with(|in_a_row| in_a_row.get() < CALLS_OF_A_LIFE);
        if !waits {
            return Poll::Ready(());
        }
        IN_A_ROW.with(|in_a_row| in_a_row.set(CALLS));
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Whether the calling thread runs a process for its caller.
pub(crate) fn is_run_inline() -> bool {
    DEPTH.with(Cell::get) > 0
}
