use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::call::Exited;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::{AnyProcess, PATIENCE, Pid};
use crate::runtime::Instant;
use crate::switch::let_others_first;
use crate::system::System;

/// The outcome of [`System::shutdown`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// The processes that the shutdown ended itself, in the order in which it signalled them.
    pub ended: Vec<Ended>,
    /// The processes that it could not end: each runs code on one of its [`Threads`](crate::Threads) that had not returned a
    /// second after the process was killed. They end when it returns.
    pub still_running: Vec<StillRunning>,
}

/// A process that a shutdown left behind, because its code holds its thread.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StillRunning {
    /// The process.
    pub pid: Pid,
    /// Its name or label.
    pub label: Option<Label>,
    /// What it is doing.
    pub doing: Label,
}

/// How one process ended during a shutdown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// The process.
    pub pid: Pid,
    /// Its name or label.
    pub label: Option<Label>,
    /// Why it ended.
    pub reason: ExitReason,
    /// True if the process had to be killed: it had not ended by the deadline, or its parent ended without stopping it.
    pub killed: bool,
}

impl ShutdownReport {
    /// The processes that had to be killed.
    pub fn killed(&self) -> impl Iterator<Item = &Ended> {
        self.ended.iter().filter(|ended| ended.killed)
    }

    fn add(&mut self, outcome: Result<Ended, StillRunning>) {
        match outcome {
            Ok(ended) => self.ended.push(ended),
            Err(left) => self.still_running.push(left),
        }
    }
}

impl System {
    /// Ends all processes within `limit` in an orderly way (graceful shutdown), and reports how each ended.
    ///
    /// The roots, which are the processes that were started from outside any process, get the exit signal `Shutdown`
    /// one after the other, the youngest first. The shutdown waits for each; a supervisor among them ends its children.
    /// When the time limit is reached, all remaining processes are killed, and so are processes that are left when the
    /// roots are gone. Processes that are started meanwhile are ended too.
    ///
    /// A process that runs on one of its [`Threads`](crate::Threads), and whose code does not return within a second after
    /// the process was killed, is left behind, as [`still_running`](ShutdownReport::still_running).
    ///
    /// Call this method from outside the processes of the system, when no important work is left: a process that calls
    /// it is itself ended.
    pub async fn shutdown(&self, limit: Duration) -> ShutdownReport {
        let deadline = self.now() + limit;
        let_others_first(self).await;
        let mut report = ShutdownReport::default();
        // One list per round: looking for the youngest again after each process would take quadratic time. Roots that
        // are started meanwhile are found in the next round.
        'rounds: loop {
            let mut roots = self.all();
            roots.retain(|process| process.header().parent == Pid::SYSTEM);
            if roots.is_empty() {
                break;
            }
            for root in roots.into_iter().rev().filter(|root| self.is_alive(root.header().pid)) {
                let ended = self.end(root, deadline).await;
                let late = ended.as_ref().map_or(true, |ended| ended.killed);
                report.add(ended);
                if late {
                    break 'rounds;
                }
            }
        }
        loop {
            let mut left_behind = self.all();
            left_behind.retain(|process| !report.still_running.iter().any(|left| left.pid == process.header().pid));
            if left_behind.is_empty() {
                return report;
            }
            let killed = join_all(left_behind.into_iter().rev().map(|process| self.kill(process))).await;
            killed.into_iter().for_each(|outcome| report.add(outcome));
        }
    }

    /// Asks a process to end, and kills it at the deadline.
    async fn end(&self, process: Arc<dyn AnyProcess>, deadline: Instant) -> Result<Ended, StillRunning> {
        let (pid, label, mut exited) = self.watch(process.clone());
        self.exit(pid, ExitReason::Shutdown);
        match self.limited(deadline - self.now(), &mut exited).await {
            Ok(reason) => Ok(Ended { pid, label, reason, killed: false }),
            Err(_) => self.kill(process).await,
        }
    }

    async fn kill(&self, process: Arc<dyn AnyProcess>) -> Result<Ended, StillRunning> {
        let (is_on_thread, (pid, label, exited)) = (process.header().is_on_thread(), self.watch(process.clone()));
        self.exit(pid, ExitReason::Kill);
        // Any other process holds up its executor, which cannot go before it, either.
        let patience = if is_on_thread { PATIENCE } else { Duration::MAX };
        match self.limited(patience, exited).await {
            Ok(reason) => Ok(Ended { pid, label, reason, killed: true }),
            Err(_) => Err(StillRunning { pid, label, doing: self.doing(process.header()) }),
        }
    }

    /// Returns the report's entry for a process, and a future of its exit reason, even if the process ends right now.
    fn watch(&self, process: Arc<dyn AnyProcess>) -> (Pid, Option<Label>, Exited) {
        let header = process.header();
        (header.pid, self.label_of(header), Exited::of(header))
    }

    /// All processes, oldest first.
    fn all(&self) -> Vec<Arc<dyn AnyProcess>> {
        self.processes().into_iter().filter_map(|pid| self.table().find(pid)).collect()
    }
}
