use std::fmt;

use otp_core::event::Occurrence;
use otp_core::{ExitReason, Pid};

use super::info::NodeInfo;
use crate::proto::NodeName;

/// Reports that a node is connected, or no longer is, to the hooks and subscribers of the system; logged under `otp::dist`.
/// Erlang's `net_kernel:monitor_nodes/2`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NodeEvent {
    /// A node is connected.
    #[non_exhaustive]
    Up {
        /// The node.
        node: NodeName,
        /// Whether one of the two nodes is hidden.
        hidden: bool,
    },
    /// A node is no longer connected; its processes cannot be reached.
    #[non_exhaustive]
    Down {
        /// The node.
        node: NodeName,
        /// Whether one of the two nodes was hidden.
        hidden: bool,
        /// Why.
        reason: ExitReason,
        /// The last figures of the connection.
        info: NodeInfo,
    },
}

impl NodeEvent {
    /// The node.
    pub fn node(&self) -> &NodeName {
        match self {
            NodeEvent::Up { node, .. } | NodeEvent::Down { node, .. } => node,
        }
    }
}

impl fmt::Display for NodeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeEvent::Up { node, .. } => write!(f, "node {node} is connected"),
            NodeEvent::Down { node, reason, .. } => write!(f, "node {node} is no longer connected: {reason}"),
        }
    }
}

impl Occurrence for NodeEvent {
    fn pid(&self) -> Option<Pid> {
        None
    }

    fn log(&self) {
        match self {
            NodeEvent::Up { node, hidden } => {
                tracing::info!(target: "otp::dist", %node, hidden, "a node is connected");
            }
            NodeEvent::Down { node, reason, info, .. } => {
                let (received, sent) = (info.received.bytes, info.sent.bytes);
                tracing::info!(target: "otp::dist", %node, reason = %reason.to_string(), received, sent, "a node is no longer connected");
            }
        }
    }
}
