//! Calls that run the callee on the caller's thread.
//!
//! The caller of an idle server has to wait for it anyway. Instead of waking the executor and being woken by it, it
//! takes the server's run lock and polls it. The reply is there at once, nothing is scheduled and no timer is armed.

use std::cell::Cell;
use std::time::Duration;

use super::header::Header;
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

/// Only a process of the same system runs another: then the thread is one of the executor's, and what the callee
/// needs of its executor is there. It pays from its budget, so that it yields in the end.
fn caller_may_run(callee: &Header) -> bool {
    with_present(|caller| {
        caller.is_some_and(|caller| caller.header().system == callee.system && caller.header().spend())
    })
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
