//! The side of a pool's process that borrowers see: who waits, who has which worker.

use otp_core::{ExitReason, MonitorRef, Pid, Ref};

use super::book::{Has, State};
use super::borrowed::{Delivery, Lease};
use super::error::CheckoutError;
use super::message::{Ask, PoolMessage, Request, Return};
use super::options::{OnBorrowerDeath, Worker};
use super::server::Server;
use super::work;

impl<W: Worker> Server<W> {
    /// A borrower wants a worker.
    pub(super) fn check_out(&mut self, ask: Ask<W>) {
        let Ask { ticket, borrower, waits, from } = ask;
        let refusal = match self.stopping {
            Some(_) => Some(CheckoutError::Stopping(self.callee())),
            None => self.refusal(waits),
        };
        if let Some(refusal) = refusal {
            return from.reply(Err(refusal));
        }
        let place = self.line.join(ticket, from);
        let ctx = &self.ctx;
        self.book.note(ticket, borrower, place, |borrower| ctx.monitor(borrower));
    }

    /// Whether one more borrower would wait for too long a line, not counting those for whom there are workers.
    pub(super) fn refusal(&self, waits: bool) -> Option<CheckoutError> {
        let limit = self.pool.most();
        // During a pause nothing is started.
        let room = if self.is_paused { 0 } else { limit.saturating_sub(self.book.total() + self.starting) };
        let coming = self.book.idle() + self.book.checking + self.starting + room;
        let waiting = self.line.len().saturating_sub(coming);
        let has_place = self.line.len() < coming;
        match self.pool.queue {
            _ if has_place => None,
            _ if !waits => Some(CheckoutError::Busy { pool: self.callee(), limit, waiting }),
            Some(queue) if waiting >= queue => Some(CheckoutError::Full { pool: self.callee(), limit, queue, waiting }),
            _ => None,
        }
    }

    /// A borrower returns its worker, or leaves the line.
    pub(super) fn check_in(&mut self, ticket: Ref, how: Return) {
        // What comes twice, or from a borrower that has ended or was refused, is known already.
        let Some((had, monitor)) = self.book.redeem(ticket) else { return };
        if how == Return::TimedOut {
            self.figures.timeouts += 1;
        }
        if let Some(monitor) = monitor {
            // A `Down` that is here already says nothing of another ticket.
            self.ctx.demonitor(monitor);
        }
        match (had, how) {
            (Has::Place(place), _) => self.line.leave(place),
            (Has::Worker(pid), Return::Unseen | Return::TimedOut) => {
                self.figures.checkouts -= 1;
                self.set_idle(pid);
            }
            (Has::Worker(pid), Return::Used) => self.check(pid),
            (Has::Worker(pid), Return::Broken) => self.replace(pid, None),
            (Has::Nothing, _) => {}
        }
    }

    /// Looks after the health of a worker that was used.
    pub(super) fn check(&mut self, pid: Pid) {
        let Some(check) = &self.pool.check else { return self.checked_in(pid) };
        let Some(worker) = self.book.worker(pid).map(|entry| entry.worker.clone()) else { return };
        work::check(&self.ctx, check, self.pool.check_limit, pid, worker);
        self.book.set(pid, State::Checking);
    }

    pub(super) fn checked(&mut self, pid: Pid, health: Result<(), ExitReason>) {
        // It may have ended meanwhile.
        if self.book.worker(pid).is_none_or(|entry| entry.state != State::Checking) {
            return;
        }
        match health {
            Ok(()) => self.checked_in(pid),
            Err(reason) => self.replace(pid, Some(reason)),
        }
    }

    pub(super) fn checked_in(&mut self, pid: Pid) {
        if let Some(entry) = self.book.worker(pid) {
            entry.is_proven = true;
            self.failures = 0;
        }
        self.set_idle(pid);
    }

    /// A worker is there: it goes to the borrower that has waited longest, or becomes idle, or one is not needed any more.
    pub(super) fn set_idle(&mut self, pid: Pid) {
        self.book.set_idle(pid, self.ctx.system().now());
        self.hand_out();
        self.expire();
    }

    /// Ends workers that are not needed and have been idle for long enough, the longest first. One timer comes back for
    /// the others.
    pub(super) fn expire(&mut self) {
        while self.has_surplus()
            && let Some((pid, since)) = self.book.oldest_idle()
        {
            let system = self.ctx.system();
            let left = since + self.pool.overflow_idle - system.now();
            if left.is_zero() {
                self.retire(pid);
                continue;
            }
            if !self.is_expiring {
                self.is_expiring = true;
                system.send_after(left, self.ctx.this(), PoolMessage(Request::Expire));
            }
            return;
        }
    }

    pub(super) fn hand_out(&mut self) {
        while !self.line.is_empty()
            && let Some(pid) = self.book.next_idle(self.pool.strategy)
            && let Some((ticket, from)) = self.line.next()
        {
            // Its request to leave the line is on the way.
            if !from.is_awaited() {
                self.forget(ticket);
                continue;
            }
            let is_strict = self.pool.on_death == OnBorrowerDeath::Replace;
            let Some(worker) = self.book.lend(pid, ticket) else { continue };
            self.figures.checkouts += 1;
            from.reply(Ok(Delivery::new(worker, pid, Lease::new(self.lender.clone(), ticket, is_strict))));
        }
    }

    /// Removes the ticket of a borrower that has left the line.
    pub(super) fn forget(&mut self, ticket: Ref) {
        if let Some((_, Some(monitor))) = self.book.redeem(ticket) {
            // A `Down` that is here already says nothing of another ticket.
            self.ctx.demonitor(monitor);
        }
    }

    /// Takes back what a borrower had that has ended.
    pub(super) fn borrower_ended(&mut self, pid: Pid, monitor: MonitorRef) {
        let how = match self.pool.on_death {
            OnBorrowerDeath::CheckIn => Return::Used,
            OnBorrowerDeath::Replace => Return::Broken,
        };
        for ticket in self.book.tickets_of(pid, monitor) {
            self.check_in(ticket, how);
        }
    }
}
