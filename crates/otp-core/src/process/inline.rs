//! Calls that run the callee on the caller's thread.
//!
//! The caller of an idle server has to wait for it anyway. Instead of waking the executor and being woken by it, it
//! takes the server's run lock and polls it. The reply is there at once, nothing is scheduled and no timer is armed.

use std::cell::Cell;

use super::header::Header;
use super::present::with_present;
use super::process_ref::ProcessRef;
use super::send_error::TrySendError;
use crate::cell::{BeginInline, Held};
use crate::sync::thread_local;
use crate::system::System;

/// How often a caller looks at a server that somebody else runs: for about the time of a short call. In the models,
/// once: they try what happens in every order.
const LOOKS: u32 = if cfg!(otp_loom) { 1 } else { 32 };

/// How many calls may run inside each other on one thread: their polls share its stack.
const MAX_DEPTH: u8 = 4;

/// How many calls are made on a thread before one waits. That costs as much as several calls, and wakes another thread on
/// some executors.
const CALLS: u16 = 512;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    /// Calls until the next one on this thread that waits.
    static IN_A_ROW: Cell<u16> = const { Cell::new(CALLS) };
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message whose sender is about to wait for the answer: runs the process here if it is idle.
    pub(crate) fn send_and_run(&self, message: M) -> Result<(), TrySendError<M>> {
        let (cell, callee) = (self.cell(), self.header());
        if DEPTH.with(Cell::get) < MAX_DEPTH
            && callee.pace.is_trusted()
            && (!callee.is_directed() || callee.system.runs_inline(callee.pid))
            && caller_may_run(callee)
            && let Some(lock) = begin(callee)
        {
            DEPTH.with(|depth| depth.set(depth.get() + 1));
            let left = callee.pace.time(|| callee.system.now(), || cell.run_inline(message, lock));
            DEPTH.with(|depth| depth.set(depth.get() - 1));
            // It was about to do something else than to receive.
            return left.map_or(Ok(()), |message| self.try_send(message));
        }
        self.try_send(message)
    }
}

/// Takes the callee's run lock if it waits for a message. If somebody else runs it, that is mostly a caller, too, who
/// is about to be done: to look again for a moment costs less than to have the executor run it later.
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

/// The callee needs its executor, which is there if a process of the same system calls. In a simulation it pays from its
/// budget, as for other messages; elsewhere [`has_to_wait`] sees to it that callers let others run.
#[inline]
fn caller_may_run(callee: &Header) -> bool {
    let process = with_present(|caller| {
        let caller = caller.map(|caller| caller.header()).filter(|caller| caller.system == callee.system)?;
        Some(!callee.is_directed() || caller.spend())
    });
    process.unwrap_or_else(|| callee.system.runtime().is_entered())
}

/// Whether a caller on this thread lets others run before it calls `system`, so that who does nothing but call keeps
/// its thread from nobody. Not in a simulation: what a thread did before is no part of a run.
#[inline]
pub(crate) fn has_to_wait(system: &System) -> bool {
    system.director().is_none()
        && IN_A_ROW.with(|in_a_row| {
            let left = in_a_row.get();
            in_a_row.set(left.checked_sub(1).unwrap_or(CALLS));
            left == 0
        })
}
