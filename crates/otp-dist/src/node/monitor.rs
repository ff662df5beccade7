use std::fmt;
use std::sync::Arc;

use otp_core::Address;
use otp_core::event::HookGuard;

use super::cluster::{Cluster, ConnectError};
use super::event::NodeEvent;
use super::peer::PeerNode;
use crate::proto::NodeName;

/// Tells a process that a node is not connected, or no longer: Erlang's `{nodedown, Node}`. Made by
/// [`Cluster::monitor_node`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeDown {
    /// The node.
    pub node: NodeName,
}

impl fmt::Display for NodeDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {} is not connected", self.node)
    }
}

/// Tells a process what happens to nodes, or to one; dropping it ends that. Made by [`Cluster::monitor_nodes`] and
/// [`Cluster::monitor_node`].
#[must_use = "dropping it ends the monitor"]
pub struct NodeMonitor(Of);

enum Of {
    All(#[expect(dead_code, reason = "its drop removes the hook")] HookGuard),
    One(Monitored),
    /// This node, which is not lost while it runs.
    Own,
}

/// A monitor of one node, until it is dropped.
struct Monitored {
    peer: Arc<PeerNode>,
    number: u64,
}

impl Drop for Monitored {
    fn drop(&mut self) {
        self.peer.demonitor(self.number);
    }
}

impl Cluster {
    /// Sends what happens to nodes to a process, from now on: Erlang's `net_kernel:monitor_nodes/2`. A full mailbox loses
    /// events.
    pub fn monitor_nodes(&self, to: Address<NodeEvent>) -> NodeMonitor {
        NodeMonitor(Of::All(self.system().on_report(move |event| {
            if let Some(event) = event.downcast_ref::<NodeEvent>() {
                let _ = to.try_send(event.clone());
            }
        })))
    }

    /// Sends one [`NodeDown`] to a process when the connection to a node is lost: Erlang's `erlang:monitor_node/2`. A node
    /// that is not connected is connected to; if that fails, the message comes then.
    ///
    /// Each monitor sends one message, and has ended then: who wants to hear of the next connection monitors again. Several
    /// monitors of a node send several messages. They come when all links and monitors of processes of the node have told
    /// that it is lost, and before the [`NodeEvent`]. A full mailbox loses the message. A monitor of this node itself never
    /// sends one.
    ///
    /// ```no_run
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::dist::{Cluster, NodeDown};
    /// use otp::{Address, Message, ProcessContext};
    ///
    /// let cluster = Cluster::of(&system).unwrap();
    /// let watcher = system.spawn(async move |mut ctx: ProcessContext<NodeDown>| {
    ///     let _monitor = cluster.monitor_node("warehouse@127.0.0.1", Address::from(&ctx.this())).unwrap();
    ///     let Message::User(down) = ctx.receive().await else { panic!("a node is down") };
    ///     assert_eq!(down.to_string(), "node warehouse@127.0.0.1 is not connected");
    /// });
    /// # watcher.exited().await;
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConnectError::Name`] if the text names no node.
    pub fn monitor_node<N>(&self, node: N, to: Address<NodeDown>) -> Result<NodeMonitor, ConnectError>
    where
        N: TryInto<NodeName>,
        ConnectError: From<N::Error>,
    {
        let name = node.try_into()?;
        if name == *self.name() {
            return Ok(NodeMonitor(Of::Own));
        }
        let peer = self.shared().ask_for(&name);
        let number = peer.monitor(self.shared(), to);
        Ok(NodeMonitor(Of::One(Monitored { peer, number })))
    }
}

impl fmt::Debug for NodeMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of: &dyn fmt::Display = match &self.0 {
            Of::All(_) => &"all nodes",
            Of::One(monitored) => &monitored.peer.name,
            Of::Own => &"this node",
        };
        write!(f, "NodeMonitor(of {of})")
    }
}
