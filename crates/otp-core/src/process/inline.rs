//! Calls that run the callee on the caller's thread.
//!
//! The caller of an idle server has to wait for it anyway. Instead of waking the executor and being woken by it, it
//! takes the server's run lock and polls it. The reply is there at once, nothing is scheduled and no timer is armed.

use std::cell::Cell;
use std::time::Duration;

use super::header::{BUDGET, Header};
use super::process_ref::{ProcessRef, TrySendError};
use crate::cell::with_present;
use crate::sync::atomic::{AtomicU16, Ordering};
use crate::sync::thread_local;

/// Whether a server answers fast enough to be run by its callers.
///
/// One run in [`MEASURE_EVERY`] is timed. A slow one shows a server whose callers might want to call others at the
/// same time: it is left to the executor for the next [`REST`] calls.
#[derive(Default)]
pub(crate) struct Pace {
    /// Runs until the next one that is timed.
    trusted: AtomicU16,
    /// Calls for which the server is left alone.
    rest: AtomicU16,
}

const MEASURE_EVERY: u16 = 16;
const REST: u16 = 64;
const SLOW: Duration = Duration::from_micros(20);

/// How many calls may run inside each other on one thread: their polls share its stack.
const MAX_DEPTH: u8 = 4;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    /// What processes pay from their budget, tasks that are none pay from that of their thread.
    static BUDGET_OF_THREAD: Cell<u16> = const { Cell::new(BUDGET) };
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message whose sender is about to wait for the answer: runs the process here if it is idle.
    pub(crate) fn send_and_run(&self, message: M) -> Result<(), TrySendError<M>> {
        let (cell, callee) = (self.cell(), self.header());
        if DEPTH.with(Cell::get) < MAX_DEPTH
            && callee.pace.is_trusted()
            && (!callee.is_observed() || callee.system.runs_inline(callee.pid))
            && caller_may_run(callee)
            && callee.state.begin_inline()
        {
            DEPTH.with(|depth| depth.set(depth.get() + 1));
            let left = callee.pace.time(callee, || cell.run_inline(message));
            DEPTH.with(|depth| depth.set(depth.get() - 1));
            // It was about to do something else than to receive.
            return left.map_or(Ok(()), |message| self.try_send(message));
        }
        self.try_send(message)
    }
}

/// The callee needs its executor, which is there if a process of the same system calls. Whoever calls pays for it, so
/// that it waits and lets others run in the end.
fn caller_may_run(callee: &Header) -> bool {
    let process = with_present(|caller| {
        let caller = caller.map(|caller| caller.header()).filter(|caller| caller.system == callee.system)?;
        Some(caller.spend())
    });
    process.unwrap_or_else(|| callee.system.runtime().is_entered() && BUDGET_OF_THREAD.with(spend))
}

fn spend(budget: &Cell<u16>) -> bool {
    let left = budget.get();
    budget.set(left.checked_sub(1).unwrap_or(BUDGET));
    left > 0
}

impl Pace {
    fn is_trusted(&self) -> bool {
        let rest = self.rest.load(Ordering::Relaxed);
        if rest > 0 {
            // Callers that do this at the same time lose a count, which does no harm.
            self.rest.store(rest - 1, Ordering::Relaxed);
        }
        rest == 0
    }

    fn time<R>(&self, callee: &Header, run: impl FnOnce() -> R) -> R {
        let trusted = self.trusted.load(Ordering::Relaxed);
        if trusted > 0 {
            self.trusted.store(trusted - 1, Ordering::Relaxed);
            return run();
        }
        let start = callee.system.now();
        let output = run();
        if callee.system.now() - start > SLOW {
            self.rest.store(REST, Ordering::Relaxed);
        } else {
            self.trusted.store(MEASURE_EVERY - 1, Ordering::Relaxed);
        }
        output
    }
}
