//! The side of a pool's process that keeps the workers: which are started, and which are ended.

use otp_behaviour::StartError;
use otp_core::{ExitReason, MonitorRef, Pid};

use super::book::{Entry, State};
use super::error::CheckoutError;
use super::message::{PoolMessage, Request};
use super::options::Worker;
use super::server::Server;
use super::work;

impl<W: Worker> Server<W> {
    /// A worker has started.
    pub(super) fn admit(&mut self, worker: W) {
        let Some(pid) = worker.pid() else {
            return self.not_started(StartError::failed(ExitReason::NoProc));
        };
        if self.book.worker(pid).is_some() {
            return self.not_started(StartError::failed(ExitReason::crash(format!("{pid} is a worker already"))));
        }
        self.figures.started += 1;
        let (monitor, since) = (self.ctx.monitor(pid), self.ctx.system().now());
        self.book.add(pid, Entry { worker, monitor, since, is_proven: false, state: State::Checking });
        self.set_idle(pid);
    }

    /// A worker has not started: the borrower that has waited longest learns why.
    pub(super) fn not_started(&mut self, error: StartError) {
        self.failed();
        while let Some((ticket, from)) = self.line.next() {
            self.forget(ticket);
            if from.is_awaited() {
                return from.reply(Err(CheckoutError::NotStarted { pool: self.callee(), error }));
            }
        }
    }

    /// Workers that fail one after the other are started ever more slowly. Those that fail during a pause are part of the
    /// same trouble.
    pub(super) fn failed(&mut self) {
        if self.is_paused {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let pause = self.pool.pause(self.failures);
        if !pause.is_zero() {
            self.is_paused = true;
            self.ctx.system().send_after(pause, self.ctx.this(), PoolMessage(Request::Resume));
        }
    }

    /// Whether it was a worker that ended, and not a borrower.
    pub(super) fn worker_ended(&mut self, pid: Pid, monitor: MonitorRef) -> bool {
        if self.book.worker(pid).is_none_or(|entry| entry.monitor != monitor) {
            return false;
        }
        if let Some(entry) = self.book.remove(pid) {
            let age = self.ctx.system().now() - entry.since;
            if entry.state != State::Leaving && !entry.is_proven && age <= self.pool.longest_pause() {
                self.failed();
            }
        }
        true
    }

    /// Ends a worker that must not be lent again; once it has ended, another one is started.
    pub(super) fn replace(&mut self, pid: Pid, reason: Option<ExitReason>) {
        self.book.set(pid, State::Leaving);
        if let Some(reason) = reason {
            self.ctx.system().exit(pid, reason);
        }
        // Also one that traps exits.
        self.ctx.system().exit(pid, ExitReason::Kill);
    }

    pub(super) fn retire(&mut self, pid: Pid) {
        self.book.set(pid, State::Leaving);
        work::retire(&self.ctx, pid, self.pool.shutdown);
    }

    pub(super) fn has_surplus(&self) -> bool {
        self.book.active() > self.pool.size
    }

    /// Lends idle workers to those who wait, and starts workers for the others.
    pub(super) fn provide(&mut self) {
        self.hand_out();
        while self.needs_worker() {
            self.starting += 1;
            work::start(&self.ctx, &self.pool.starts, &self.supervisor);
        }
        self.gauge.set(self.book.total(), self.book.borrowed, self.line.len());
    }

    pub(super) fn needs_worker(&self) -> bool {
        let coming = self.starting + self.book.checking;
        let is_wanted = coming < self.line.len();
        let is_missing = !self.pool.lazy && self.book.active() + self.starting < self.pool.size;
        let has_room = self.book.total() + self.starting < self.pool.most();
        (is_wanted || is_missing) && has_room && !self.is_paused && self.stopping.is_none()
    }
}
