use std::collections::hash_map::Entry;
use std::sync::{Arc, Weak};

use otp_core::node::{Outbound, Peer};
use otp_core::{ExitReason, Pid};

use super::peer::{PeerNode, Posted, State};
use super::reason::term_of_reason;
use super::shared::Shared;
use crate::conn::payload_of;
use crate::proto::{Control, PidOrName};

/// A node, for the stand-ins of its processes, which it owns.
pub(super) struct Far(pub(super) Weak<PeerNode>);

/// What processes here do with those of the node.
impl Peer for Far {
    fn send(&self, to: Pid, signal: Outbound) {
        let Some(peer) = self.0.upgrade() else { return };
        let Some(node) = peer.node() else { return };
        let target = peer.wire_target(&peer.lock(), to);
        if let Some(target) = target {
            peer.signal(&node, to, target, signal);
        }
    }
}

impl PeerNode {
    fn signal(self: &Arc<Self>, node: &Arc<Shared>, pid: Pid, target: PidOrName, signal: Outbound) {
        let wire = |pid: Pid| node.own.wire_pid(pid);
        let post = |sender, control, reason: Option<&ExitReason>, dials| {
            let payload = reason.map_or_else(Vec::new, |reason| payload_of(&term_of_reason(reason)));
            self.post(sender, control, payload, dials)
        };
        match signal {
            Outbound::Monitor { from, monitor } => {
                let control = Control::Monitor { from: wire(from), target, reference: node.own.wire_monitor(monitor) };
                self.tie(pid, post(from, control, None, true));
            }
            Outbound::Demonitor { from, monitor } => {
                let control =
                    Control::Demonitor { from: wire(from), target, reference: node.own.wire_monitor(monitor) };
                post(from, control, None, false);
            }
            Outbound::Watch => {
                let reference = node.system.make_ref();
                match self.lock().ties.watches.entry(pid) {
                    // One tells all who wait.
                    Entry::Occupied(_) => return,
                    Entry::Vacant(entry) => entry.insert(reference),
                };
                let (from, reference) = (wire(Pid::SYSTEM), node.own.wire_reference(reference));
                self.tie(pid, post(Pid::SYSTEM, Control::Monitor { from, target, reference }, None, true));
            }
            signal => {
                // Only a process has links and gets exit signals.
                let PidOrName::Pid(to) = target else { return };
                match signal {
                    Outbound::Link { from } => {
                        self.lock().ties.unlinked.remove(&(from, pid));
                        self.tie(pid, post(from, Control::Link { from: wire(from), to }, None, true));
                    }
                    Outbound::Unlink { from } => {
                        let id = self.unlink(from, pid);
                        post(from, Control::Unlink { from: wire(from), to, id: Some(id) }, None, false);
                    }
                    Outbound::LinkExit { from, reason } => {
                        self.lock().ties.links.remove(&(from, pid));
                        post(from, Control::Exit { from: wire(from), to, reason: None }, Some(&reason), false);
                    }
                    Outbound::Exit { from, reason } => {
                        post(from, Control::Exit2 { from: wire(from), to, reason: None }, Some(&reason), true);
                    }
                    Outbound::Down { monitor, reason, .. } => {
                        let monitored = {
                            let mut state = self.lock();
                            let monitored = state.ties.monitors.remove(&monitor);
                            if let Some(monitored) = &monitored {
                                state.ties.by_reference.remove(&monitored.reference);
                            }
                            monitored
                        };
                        let Some(monitored) = monitored else { return };
                        let (target, reference) = (monitored.target, monitored.reference);
                        let control = Control::MonitorExit { target, to, reference, reason: None };
                        post(monitored.subject.unwrap_or(Pid::SYSTEM), control, Some(&reason), false);
                    }
                    _ => {}
                }
            }
        }
    }

    /// A link or a monitor has been set here: it fails at once if nobody can be told.
    fn tie(&self, pid: Pid, posted: Posted) {
        if let Posted::Unreachable = posted {
            let stand_in = self.lock().ties.remove(pid);
            if let Some(stand_in) = stand_in {
                stand_in.end(ExitReason::NoConnection);
            }
        }
    }

    /// Notes that a link was removed here. Until the other side has acknowledged it, its links do not count: they were set
    /// before it knew.
    fn unlink(&self, here: Pid, there: Pid) -> u64 {
        let mut state = self.lock();
        let State { ties, conn, .. } = &mut *state;
        ties.next_unlink += 1;
        let id = ties.next_unlink;
        ties.links.remove(&(here, there));
        // A node that is too old to acknowledge it would be ignored for ever.
        if conn.as_ref().is_none_or(|conn| conn.acknowledges_unlinks()) {
            ties.unlinked.insert((here, there), id);
        }
        // What the other side has asked for between the end of the link here and now.
        if let Some(stand_in) = ties.stand_ins.get(&there) {
            stand_in.unlink(here);
        }
        id
    }
}
