use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::System;
use crate::call::Exited;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::{AnyProcess, Pid};
use crate::runtime::Instant;

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
        // A list at a time: looking for the youngest anew after each one would take the square of their number.
        'roots: while let Some(roots) = self.list(|process| process.header().parent == Pid::SYSTEM) {
            for root in roots.into_iter().rev().filter(|root| self.is_alive(root.header().pid)) {
                let in_time = self.end(root, deadline, &mut report).await;
                if !in_time {
                    break 'roots;
                }
            }
        }
        while let Some(rest) = self.list(|_| true) {
            let ended = rest.into_iter().rev().map(|process| async move {
                let (pid, label) = (process.header().pid, self.label_of(process.header()));
                let exited = Exited::of(process.header());
                self.exit(pid, ExitReason::Kill);
                Ended { pid, label, reason: exited.await, killed: true }
            });
            report.ended.extend(join_all(ended).await);
        }
        report
    }

    /// Asks a process to end; kills it at the deadline. False if it came to that.
    async fn end(&self, process: Arc<dyn AnyProcess>, deadline: Instant, report: &mut ShutdownReport) -> bool {
        let (pid, label) = (process.header().pid, self.label_of(process.header()));
        let mut exited = Exited::of(process.header());
        drop(process);
        self.exit(pid, ExitReason::Shutdown);
        let in_time = self.timeout(deadline - self.now(), &mut exited).await;
        let killed = in_time.is_err();
        let reason = match in_time {
            Ok(reason) => reason,
            Err(_) => {
                self.exit(pid, ExitReason::Kill);
                exited.await
            }
        };
        report.ended.push(Ended { pid, label, reason, killed });
        !killed
    }

    /// The processes that `wanted` accepts, oldest first; `None` if there are none.
    fn list(&self, wanted: impl Fn(&Arc<dyn AnyProcess>) -> bool) -> Option<Vec<Arc<dyn AnyProcess>>> {
        let all = self.processes().into_iter().filter_map(|pid| self.table().find(pid));
        Some(all.filter(wanted).collect::<Vec<_>>()).filter(|all| !all.is_empty())
    }
}
