use std::collections::HashSet;
use std::time::Duration;

use futures::future::join_all;
use otp_core::{ExitReason, Pid, System};

use crate::end::Killed;

/// The processes that belong to an application: what its own process started, what these started, and so on.
///
/// A process whose parents are gone is known only if it was when they were there.
pub(crate) struct Family {
    system: System,
    master: Pid,
    known: HashSet<Pid>,
}

/// How long processes that were killed may still hold their threads before nobody waits for them any more.
const PATIENCE: Duration = Duration::from_secs(1);

impl Family {
    pub(crate) fn of(system: &System, master: Pid) -> Family {
        let mut family = Family { system: system.clone(), master, known: HashSet::from([master]) };
        family.alive();
        family
    }

    /// The members that run now, without the application's own process, oldest first.
    pub(crate) fn alive(&mut self) -> Vec<Pid> {
        let mut alive = Vec::new();
        // A process is younger than its parent, and so one pass finds all.
        for pid in self.system.processes() {
            let is_known = self.known.contains(&pid);
            if is_known || self.system.parent(pid).is_some_and(|parent| self.known.contains(&parent)) {
                self.known.insert(pid);
                alive.push(pid);
            }
        }
        alive.retain(|pid| *pid != self.master);
        alive
    }

    /// Asks what the application's own process has started itself to end, the youngest first, and waits for it, at most so
    /// long.
    pub(crate) async fn wind_down(&mut self, limit: Duration) {
        let deadline = self.system.now() + limit;
        for child in self.alive().into_iter().rev() {
            if self.system.parent(child) == Some(self.master) {
                let mut exited = self.system.exited(child);
                self.system.exit(child, ExitReason::Shutdown);
                // What is left is killed.
                drop(exited.within(deadline - self.system.now()).await);
            }
        }
    }

    /// Kills all members, and waits until they have ended, except for those that hold their thread.
    pub(crate) async fn kill(&mut self) -> Vec<Killed> {
        let mut killed = Vec::new();
        loop {
            let alive = self.alive();
            if alive.is_empty() {
                return killed;
            }
            let ends: Vec<_> = alive.iter().map(|pid| self.system.exited(*pid)).collect();
            for pid in alive {
                killed.push(self.describe(pid));
                self.system.exit(pid, ExitReason::Kill);
            }
            if self.system.timeout(PATIENCE, join_all(ends)).await.is_err() {
                return killed;
            }
        }
    }

    /// The members that run now and the application's own process.
    pub(crate) fn members(&mut self) -> Vec<Killed> {
        let alive = self.alive();
        std::iter::once(self.master).chain(alive).map(|pid| self.describe(pid)).collect()
    }

    /// Kills all members and the application's own process, without waiting.
    pub(crate) fn kill_at_once(&mut self) {
        let alive = self.alive();
        for pid in std::iter::once(self.master).chain(alive) {
            self.system.exit(pid, ExitReason::Kill);
        }
    }

    fn describe(&self, pid: Pid) -> Killed {
        Killed { pid, label: self.system.info(pid).and_then(|info| info.label) }
    }
}
