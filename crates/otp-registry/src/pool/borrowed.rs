use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::panicking;

use otp_core::{Exited, Pid, Process, ProcessRef, Ref, Status, System};

use super::message::{PoolMessage, Request, Return};
use super::options::Worker;

/// A borrowed worker: dereferences to the worker's handle, and checks the worker in when it is dropped, also by a panic
/// or by the end of its process.
///
/// The loan belongs to the process that checked the worker out. When that process ends, the pool takes the worker back,
/// even if this guard was forgotten or given to another process. Outside any process, a forgotten guard keeps its worker
/// from the pool until the worker ends.
///
/// If the worker ends meanwhile, the pool replaces it, and this guard refers to the ended one:
/// [`is_alive`](Borrowed::is_alive), [`exited`](Borrowed::exited) and every call of the worker say so.
#[must_use = "the worker is checked in when this is dropped"]
pub struct Borrowed<W: Worker> {
    worker: W,
    pid: Pid,
    lease: Lease,
}

impl<W: Worker> Borrowed<W> {
    /// Returns true until the worker has ended.
    pub fn is_alive(&self) -> bool {
        self.lease.lender.system().is_alive(self.pid)
    }

    /// Waits for the end of the worker, and returns its exit reason.
    pub fn exited(&self) -> Exited {
        self.lease.lender.system().exited(self.pid)
    }

    /// The pid of the worker.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Checks the worker in; the same as a drop.
    pub fn check_in(self) {
        drop(self);
    }

    /// Has the pool kill the worker and start another one, since this one is in an unknown state.
    pub fn discard(mut self) {
        self.lease.ends_with = Return::Broken;
    }
}

impl<W: Worker> Deref for Borrowed<W> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.worker
    }
}

impl<W: Worker> fmt::Debug for Borrowed<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Borrowed({} of {})", self.pid, self.lease.lender.pid())
    }
}

/// A worker on its way to a borrower. A borrower that has given up drops it unseen, and the worker is back.
pub(super) struct Delivery<W: Worker>(Borrowed<W>);

impl<W: Worker> Delivery<W> {
    pub(super) fn new(worker: W, pid: Pid, lease: Lease) -> Delivery<W> {
        Delivery(Borrowed { worker, pid, lease })
    }

    /// The borrower has it.
    pub(super) fn accept(mut self) -> Borrowed<W> {
        self.0.lease.ends_with = Return::Used;
        self.0
    }
}

/// A pool, as a loan knows it: not by the type of its messages, which contain loans.
pub(super) trait Lender: Send + Sync {
    /// Tells the pool that a loan is over. A pool that has ended needs no worker back.
    fn take_back(&self, ticket: Ref, how: Return);

    fn pid(&self) -> Pid;

    fn system(&self) -> &System;
}

impl<W: Worker> Lender for ProcessRef<PoolMessage<W>> {
    fn take_back(&self, ticket: Ref, how: Return) {
        drop(self.try_send(PoolMessage(Request::CheckIn(ticket, how))));
    }

    fn pid(&self) -> Pid {
        ProcessRef::pid(self)
    }

    fn system(&self) -> &System {
        ProcessRef::system(self)
    }
}

/// The right to a worker: tells the pool when it ends.
pub(super) struct Lease {
    lender: Arc<dyn Lender>,
    ticket: Ref,
    /// Whether the death of the borrower breaks the worker.
    is_strict: bool,
    ends_with: Return,
}

impl Lease {
    pub(super) fn new(lender: Arc<dyn Lender>, ticket: Ref, is_strict: bool) -> Lease {
        Lease { lender, ticket, is_strict, ends_with: Return::Unseen }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let how = match self.ends_with {
            // The pool hears of the borrower's death only after this, as its state is dropped first.
            Return::Used if self.is_strict && is_dying() => Return::Broken,
            how => how,
        };
        self.lender.take_back(self.ticket, how);
    }
}

/// Whether the running code is being unwound, or dropped by the end of its process.
fn is_dying() -> bool {
    let is_ending = |process: Process| {
        let info = process.system().info(process.pid());
        info.is_none_or(|info| info.status == Status::Exiting)
    };
    panicking() || Process::current().is_some_and(is_ending)
}
