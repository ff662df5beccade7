use otp_core::runtime::Instant;

use super::cluster::Cluster;
use super::peer::{PeerNode, Ties};
use crate::conn::Conn;
use crate::proto::NodeName;

/// The figures of a node that is connected, or was: Erlang's `net_kernel:nodes_info/0`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeInfo {
    /// The node.
    pub node: NodeName,
    /// The number of its life, which is in its pids and references.
    pub creation: u32,
    /// Whether one of the two nodes is hidden.
    pub hidden: bool,
    /// When it was connected.
    pub since: Instant,
    /// What has come from it.
    pub received: Traffic,
    /// What was sent to it.
    pub sent: Traffic,
    /// How many bytes wait to be written to it, or are being written. Its senders wait from [`busy_limit`](crate::Node::busy_limit) on.
    pub queue: usize,
    /// How many processes of it are tied to processes here, and how many links and monitors it has made; bounded by
    /// [`Limits::ties`](crate::proto::Limits::ties).
    pub ties: usize,
    /// How many of its calls wait for answers of servers here; bounded by [`Limits::calls`](crate::proto::Limits::calls).
    pub calls: usize,
}

/// How much was sent in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Bytes, ticks included.
    pub bytes: u64,
    /// Messages and signals. What is sent counts when it is queued.
    pub messages: u64,
}

impl Cluster {
    /// The figures of the nodes that are connected, sorted by their names. Those of a node that is lost are in
    /// [`NodeEvent::Down`](crate::NodeEvent::Down).
    pub fn info(&self) -> Vec<NodeInfo> {
        let of = |peer: &PeerNode| {
            let state = peer.lock();
            state.conn.as_ref().map(|conn| NodeInfo::of(peer, conn, &state.ties))
        };
        let mut all: Vec<_> = self.shared().all_peers().iter().filter_map(|peer| of(peer)).collect();
        all.sort_by(|one, other| one.node.cmp(&other.node));
        all
    }
}

impl NodeInfo {
    pub(super) fn of(peer: &PeerNode, conn: &Conn, ties: &Ties) -> NodeInfo {
        NodeInfo {
            node: peer.name.clone(),
            creation: conn.peer.creation,
            hidden: conn.hidden,
            since: conn.since,
            received: conn.received.traffic(),
            sent: conn.sent.traffic(),
            queue: conn.outbox.queued(),
            ties: ties.in_use(),
            calls: peer.calls(),
        }
    }
}
