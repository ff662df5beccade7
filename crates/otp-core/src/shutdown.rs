use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::call::Exited;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::{AnyProcess, Pid};
use crate::runtime::Instant;
use crate::system::System;

/// How a system was shut down.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// The processes that the shutdown ended itself, in the order in which they were told to.
    pub ended: Vec<Ended>,
}

/// How one process ended at a shutdown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// The process.
    pub pid: Pid,
    /// Its name or label.
    pub label: Option<Label>,
    /// Why it ended.
    pub reason: ExitReason,
    /// True if it had to be killed: it had not ended by the deadline, or had been left behind by its parent.
    pub killed: bool,
}

impl ShutdownReport {
    /// The processes that had to be killed.
    pub fn killed(&self) -> impl Iterator<Item = &Ended> {
        self.ended.iter().filter(|ended| ended.killed)
    }
}

impl System {
    /// Ends all processes within `limit`, in order, and tells how it went.
    ///
    /// The roots, which were started from outside any process, are asked to shut down one after the other, the
    /// youngest first; each is waited for, and in turn ends what it supervises. Whatever has not ended when the time
    /// is up is killed, and so is whatever is left when the roots are gone. Processes that are started meanwhile are
    /// ended too.
    ///
    /// Call it from outside the processes of the system, after the last one of your own that matters: a process that
    /// calls it is itself ended in the middle.
    pub async fn shutdown(&self, limit: Duration) -> ShutdownReport {
        let deadline = self.now() + limit;
        let mut report = ShutdownReport::default();
        // A list at a time: looking for the youngest anew after each one would take the square of their number. Roots
        // that are started meanwhile are found in the next round.
        'rounds: loop {
            let mut roots = self.all();
            roots.retain(|process| process.header().parent == Pid::SYSTEM);
            if roots.is_empty() {
                break;
            }
            for root in roots.into_iter().rev().filter(|root| self.is_alive(root.header().pid)) {
                let ended = self.end(root, deadline).await;
                let late = ended.killed;
                report.ended.push(ended);
                if late {
                    break 'rounds;
                }
            }
        }
        loop {
            let left_behind = self.all();
            if left_behind.is_empty() {
                return report;
            }
            report.ended.extend(join_all(left_behind.into_iter().rev().map(|process| self.kill(process))).await);
        }
    }

    /// Asks a process to end, and kills it at the deadline.
    async fn end(&self, process: Arc<dyn AnyProcess>, deadline: Instant) -> Ended {
        let (pid, label, mut exited) = self.watch(process);
        self.exit(pid, ExitReason::Shutdown);
        match self.timeout(deadline - self.now(), &mut exited).await {
            Ok(reason) => Ended { pid, label, reason, killed: false },
            Err(_) => {
                self.exit(pid, ExitReason::Kill);
                Ended { pid, label, reason: exited.await, killed: true }
            }
        }
    }

    async fn kill(&self, process: Arc<dyn AnyProcess>) -> Ended {
        let (pid, label, exited) = self.watch(process);
        self.exit(pid, ExitReason::Kill);
        Ended { pid, label, reason: exited.await, killed: true }
    }

    /// What the report says of a process, and the future that tells its reason, also if it ends at this moment.
    fn watch(&self, process: Arc<dyn AnyProcess>) -> (Pid, Option<Label>, Exited) {
        let header = process.header();
        (header.pid, self.label_of(header), Exited::of(header))
    }

    /// All processes, oldest first.
    fn all(&self) -> Vec<Arc<dyn AnyProcess>> {
        self.processes().into_iter().filter_map(|pid| self.table().find(pid)).collect()
    }
}
