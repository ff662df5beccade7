use std::collections::BTreeMap;
use std::sync::Arc;

use otp_core::Address;

use super::state::PeerNode;
use crate::node::monitor::NodeDown;
use crate::node::shared::Shared;

/// Those who are told that the node is not connected, once, in the order in which they have asked for it.
pub(super) type Monitors = BTreeMap<u64, Address<NodeDown>>;

impl PeerNode {
    /// Tells a process once the node is not connected; it is connected to now, if it is not. Returns a number, for the end of
    /// the monitor.
    pub(in crate::node) fn monitor(self: &Arc<Self>, node: &Shared, to: Address<NodeDown>) -> u64 {
        let number = node.next_number();
        let attempt = {
            let mut state = self.lock();
            state.monitors.insert(number, to);
            let is_alone = state.conn.is_none() && state.attempts.is_empty();
            if is_alone { state.begin(node) } else { None }
        };
        if let Some(attempt) = attempt {
            node.dial(self.clone(), attempt);
        }
        number
    }

    /// Does nothing if the process has been told.
    pub(in crate::node) fn demonitor(&self, number: u64) {
        let to = self.lock().monitors.remove(&number);
        drop(to);
    }

    /// Tells those who have monitored the node.
    pub(super) fn tell(&self, monitors: Monitors) {
        for to in monitors.into_values() {
            let _ = to.try_send(NodeDown { node: self.name.clone() });
        }
    }
}
