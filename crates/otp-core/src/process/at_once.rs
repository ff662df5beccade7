//! Starts and stops that run the process on the thread of the one that waits for them.
//!
//! Who starts a server waits for its `init`, and who stops one waits for its end. If both were always fast for processes of
//! its [type](super::paces), the process runs at once and on that thread, as the callee of an [inline call](super::inline)
//! does, and under the same switches. Nothing shows it but the time that it saves.
//!
//! A process that has begun so and waits has no task: it gets one when it is woken. With the executor it is ended by the
//! [guardian](super::guardian).
//!
//! In a simulation no process runs at once: the seed may choose each order that this can lead to in any case.

use std::time::Duration;

use super::handle::Process;
use super::header::{AnyProcess, Header};
use super::inline::{caller_may_run, has_turn, run_here};
use super::link::signal_here;
use super::pace::Pace;
use super::paces::OfType;
use super::pid::Pid;
use super::relations::Relations;
use super::stop::{ask_to_stop, send_stop};
use crate::call::Exited;
use crate::cell::BeginInline;
use crate::exit::ExitReason;
use crate::system::System;

impl Header {
    /// Whether this thread may run the process, for one that waits until it has begun, or ended: then returns the pace of
    /// its type.
    pub(super) fn may_run_at_once(&self) -> Option<&Pace> {
        let may_run = !self.is_directed()
            && self.pid.is_here()
            && !self.pace().is_never()
            && self.system.has_inline_calls()
            && caller_may_run(self);
        let lives = if may_run { &self.paces_of_type()?.lives } else { return None };
        (lives.is_trusted() && has_turn()).then_some(lives)
    }

    /// Runs the process for one that waits until it has begun, or ended; `lives` is the pace of its type.
    pub(super) fn run_at_once<T>(&self, lives: &Pace, run: impl FnOnce() -> T) -> T {
        // The start and the stop of a process have different numbers.
        let number = self.pid.number() << 1 | u64::from(self.runs_first());
        run_here(&self.system, lives.is_to_be_timed(number), run, |took| {
            if let Some(took) = took
                && !self.has_crashed()
            {
                lives.ran(took);
            }
        })
    }

    /// Records how long it took the process to begin, or to end.
    pub(super) fn began_or_ended(&self, took: Duration) {
        if let Some(paces) = self.paces_of_type() {
            paces.lives.ran(took);
        }
    }

    /// Whether the process has ended by a crash. How long that took says nothing of the others of its type: it was
    /// unwound, and logged.
    pub(super) fn has_crashed(&self) -> bool {
        matches!(&*self.relations.lock(), Relations::Dead(dead) if matches!(dead.reason, ExitReason::Error(_)))
    }

    pub(super) fn paces_of_type(&self) -> Option<&OfType> {
        self.system.paces().of(self.type_label_of()?)
    }

    /// Whether the process has not run before this time.
    pub(super) fn runs_first(&self) -> bool {
        self.state.phase().1 == 1
    }
}

/// Sends an exit signal, as [`System::exit`] does, and returns what waits for the end of the process: if the process waits
/// for a message, and those of its type end fast, it may run on this thread before the function returns.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::behaviour::exit_at_once;
/// use otp::{ExitReason, Message, ProcessContext};
///
/// let process = system.spawn(async |mut ctx: ProcessContext<()>| while ctx.receive().await == Message::User(()) {});
/// let exited = exit_at_once(&system, process.pid(), ExitReason::Shutdown);
/// assert_eq!(exited.await, ExitReason::Shutdown);
/// # }).unwrap();
/// ```
pub fn exit_at_once(system: &System, pid: Pid, reason: ExitReason) -> Exited {
    let signals = |process: &dyn AnyProcess, from, reason| {
        signal_here(process, from, reason);
        true
    };
    run_after(system, pid, reason, signals).map_or_else(
        |reason| {
            let exited = system.exited(pid);
            system.exit(pid, reason);
            exited
        },
        |(_, exited)| exited,
    )
}

/// Asks a process to end, as [`send_stop`] does, and returns what waits for its end, if there is such a process: see
/// [`exit_at_once`].
pub fn stop_at_once(system: &System, pid: Pid, reason: ExitReason) -> Option<Exited> {
    let (sent, exited) = run_after(system, pid, reason, ask_to_stop).unwrap_or_else(|reason| {
        // Before it is asked, so that its reason is known.
        let exited = system.exited(pid);
        (send_stop(system, pid, reason), exited)
    });
    sent.then_some(exited)
}

/// Sends what asks a process to end, and runs the process here; returns whether it was sent, and what waits for the end.
/// Gives the reason back if the process may not run here. Its run lock is taken before, so that nobody is woken for that.
fn run_after(
    system: &System,
    pid: Pid,
    reason: ExitReason,
    send: impl FnOnce(&dyn AnyProcess, Pid, ExitReason) -> bool,
) -> Result<(bool, Exited), ExitReason> {
    let Some(process) = system.table().find(pid) else { return Err(reason) };
    let Some(lives) = process.header().may_run_at_once() else { return Err(reason) };
    match process.header().state.begin_inline() {
        BeginInline::Run(lock) => {
            let sent = send(&*process, Process::current_pid(system).unwrap_or(Pid::SYSTEM), reason);
            process.header().run_at_once(lives, || process.clone().run_waiting(lock));
            Ok((sent, Exited::of_ended(process.header())))
        }
        BeginInline::Busy | BeginInline::No => Err(reason),
    }
}
