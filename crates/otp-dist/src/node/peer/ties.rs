use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use otp_core::node::StandIn;
use otp_core::{ExitReason, MonitorRef, Pid, Ref};
use otp_etf as etf;

use super::state::PeerNode;
use crate::node::outgoing::Far;
use crate::proto::{Control, PidOrName};

/// What ties processes there to processes here.
#[derive(Default)]
pub(in crate::node) struct Ties {
    pub(in crate::node) stand_ins: HashMap<Pid, StandIn>,
    /// When to look for stand-ins that nothing needs.
    sweep_at: usize,
    /// Links that processes there have made: the process here and there.
    pub(in crate::node) links: HashSet<(Pid, Pid)>,
    /// Links that were removed here, which is not acknowledged: the process here and there, and the id.
    pub(in crate::node) unlinked: HashMap<(Pid, Pid), u64>,
    pub(in crate::node) next_unlink: u64,
    /// Monitors that processes there have set here.
    pub(in crate::node) monitors: HashMap<MonitorRef, Monitored>,
    pub(in crate::node) by_reference: HashMap<etf::Reference, MonitorRef>,
    /// The monitors of processes there for whose ends futures wait, or have waited.
    pub(in crate::node) watches: HashMap<Pid, Ref>,
}

/// A monitor that a process there has set here.
pub(in crate::node) struct Monitored {
    /// The process that monitors.
    pub(in crate::node) watcher: Pid,
    pub(in crate::node) reference: etf::Reference,
    pub(in crate::node) target: PidOrName,
    /// The process, if there was one, for the order of its signals.
    pub(in crate::node) subject: Option<Pid>,
}

impl PeerNode {
    /// The stand-in of a process there, for its ties; made if there is none. It does not connect.
    pub(crate) fn stand_in(self: &Arc<Self>, pid: Pid) -> Option<StandIn> {
        let node = self.node()?;
        let mut state = self.lock();
        if let Some(known) = state.ties.stand_ins.get(&pid) {
            return Some(known.clone());
        }
        // A life may have been forgotten since the node was found by it.
        if (state.conn.is_none() && !state.known) || !state.knows(pid.node()) {
            return None;
        }
        let stand_in = StandIn::new(&node.system, pid, Arc::new(Far(Arc::downgrade(self))));
        let is_past = state.life.is_some_and(|life| life != pid.node()) && state.names.node != Some(pid.node());
        if is_past {
            drop(state);
            stand_in.end(ExitReason::NoProc);
            return Some(stand_in);
        }
        let is_due = state.ties.insert(pid, stand_in.clone());
        drop(state);
        if is_due {
            self.sweep();
        }
        Some(stand_in)
    }

    /// Forgets the stand-ins that nothing needs, and the monitors for those who have waited for their ends.
    pub(in crate::node) fn sweep(self: &Arc<Self>) {
        let Some(node) = self.node() else { return };
        let mut unwatched = Vec::new();
        let unused = {
            let mut state = self.lock();
            let unused = state.ties.sweep();
            for (pid, _) in &unused {
                let watch = state.ties.watches.remove(pid);
                unwatched.extend(self.wire_target(&state, *pid).zip(watch));
            }
            unused
        };
        drop(unused);
        let from = node.own.wire_pid(Pid::SYSTEM);
        for (target, watch) in unwatched {
            let control = Control::Demonitor { from: from.clone(), target, reference: node.own.wire_reference(watch) };
            self.post(Pid::SYSTEM, control, Vec::new(), false);
        }
    }
}

impl Ties {
    /// Adds a stand-in; returns whether to look for those that nothing needs.
    fn insert(&mut self, pid: Pid, stand_in: StandIn) -> bool {
        self.stand_ins.insert(pid, stand_in);
        self.stand_ins.len() > self.sweep_at
    }

    /// Takes a stand-in out, with its watch.
    pub(in crate::node) fn remove(&mut self, pid: Pid) -> Option<StandIn> {
        self.watches.remove(&pid);
        self.stand_ins.remove(&pid)
    }

    /// Takes out the stand-ins that nothing needs, to be dropped without the lock.
    fn sweep(&mut self) -> Vec<(Pid, StandIn)> {
        let mut unused: Vec<_> = self.stand_ins.extract_if(|_, stand_in| stand_in.is_unused()).collect();
        unused.sort_unstable_by_key(|(pid, _)| *pid);
        self.sweep_at = 2 * self.stand_ins.len() + 64;
        unused
    }

    /// Forgets a monitor that this process there has set.
    pub(in crate::node) fn demonitor(
        &mut self,
        watcher: Pid,
        reference: &etf::Reference,
    ) -> Option<(StandIn, MonitorRef)> {
        let monitor = *self.by_reference.get(reference)?;
        // It is a tie of the process that has set it, which another one must not hide.
        if self.monitors.get(&monitor)?.watcher != watcher {
            return None;
        }
        self.monitors.remove(&monitor);
        self.by_reference.remove(reference);
        // It has ended before, if its end was watched.
        Some((self.stand_ins.get(&watcher)?.clone(), monitor))
    }

    /// How many there are, without the stand-ins that nothing needs any more.
    pub(in crate::node) fn in_use(&self) -> usize {
        let unused = self.stand_ins.values().filter(|stand_in| stand_in.is_unused()).count();
        self.count() - unused
    }

    /// How much of it a peer can have made.
    pub(in crate::node) fn count(&self) -> usize {
        self.stand_ins.len() + self.monitors.len() + self.links.len() + self.unlinked.len()
    }
}

/// Stand-ins in the order in which they end, which is the same whenever the program does the same: that of their pids.
pub(super) fn by_age(stand_ins: impl IntoIterator<Item = (Pid, StandIn)>) -> impl Iterator<Item = StandIn> {
    let mut stand_ins: Vec<_> = stand_ins.into_iter().collect();
    stand_ins.sort_unstable_by_key(|(pid, _)| *pid);
    stand_ins.into_iter().map(|(_, stand_in)| stand_in)
}
