use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use otp_core::behaviour::may_block;
use otp_core::{Address, Alias, ExitReason, Pid, System};
use otp_etf::{Atom, Pid as WirePid, Reference, Term};
use otp_genserver::{ServerName, ServerRef};

use super::aliases::RemoteAlias;
use super::shared::{Hub, Shared};
use crate::proto::{InvalidNodeName, NodeName};
use crate::remote::{Destination, Remote};
use crate::server::{Elsewhere, Forward, stand_for};

/// The other nodes of a system that is a node itself: connects to them, and finds their processes. Cheap to clone.
///
/// A connection is made by [`connect`](Cluster::connect), when the program sends to a process of a node that it has asked
/// for or that was connected before, and when the other node connects. A node that is only known from a pid in a received
/// term is not connected to.
#[derive(Clone)]
pub struct Cluster(Arc<Shared>);

/// The system is not a node, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system is not a node among others: start a `dist::Node`")]
#[non_exhaustive]
pub struct NotANode;

/// The error of connecting to a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text names no node.
    #[error(transparent)]
    Name(#[from] InvalidNodeName),
    /// There is no connection.
    #[error("cannot connect to {node}: {why}")]
    #[non_exhaustive]
    Failed {
        /// The node.
        node: NodeName,
        /// Why.
        why: String,
    },
}

/// The nodes that are connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nodes {
    /// Those that see this node, and the others that are connected to it: Erlang's `nodes()`.
    pub visible: Vec<NodeName>,
    /// Those that are hidden, or from which this node is.
    pub hidden: Vec<NodeName>,
}

impl Cluster {
    /// The other nodes of this system.
    ///
    /// # Errors
    ///
    /// [`NotANode`] if no [`Node`](crate::Node) runs in it.
    pub fn of(system: &System) -> Result<Cluster, NotANode> {
        Hub::of(system).node().map(Cluster).ok_or(NotANode)
    }

    /// The name of this node.
    pub fn name(&self) -> &NodeName {
        &self.0.own.name
    }

    /// The number of this life of the node, which is in its pids and references.
    pub fn creation(&self) -> u32 {
        self.0.own.creation
    }

    /// Connects to a node; returns at once if it is connected.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] says why there is no connection.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the attempt goes on.
    pub async fn connect<N>(&self, node: N) -> Result<(), ConnectError>
    where
        N: TryInto<NodeName>,
        ConnectError: From<N::Error>,
    {
        let name: NodeName = node.try_into()?;
        if name == self.0.own.name {
            return Ok(());
        }
        let peer = self.0.ask_for(&name);
        let mut begun = None;
        let connected = poll_fn(|cx| may_block(peer.poll_connect(&mut begun, cx), cx)).await;
        connected.map_err(|why| ConnectError::Failed { node: name, why: why.to_string() })
    }

    /// Closes the connection to a node: links and monitors of its processes fire with `NoConnection` before this returns.
    /// False if it is not connected. It may be connected to again.
    pub fn disconnect(&self, node: &NodeName) -> bool {
        let Some(peer) = self.0.known_peer(node) else { return false };
        let Some(conn) = peer.conn() else { return false };
        peer.down(conn.number, ExitReason::other(Term::atom("disconnect")));
        conn.close(ExitReason::Shutdown);
        true
    }

    /// The nodes that are connected, each sorted.
    pub fn nodes(&self) -> Nodes {
        let mut nodes = Nodes::default();
        for peer in self.0.all_peers() {
            if let Some(conn) = peer.conn() {
                let of = if conn.hidden { &mut nodes.hidden } else { &mut nodes.visible };
                of.push(peer.name.clone());
            }
        }
        nodes.visible.sort();
        nodes.hidden.sort();
        nodes
    }

    /// The holder of a name at a node, at the time of each message: Erlang's `{Name, Node}`. The program asks for the node
    /// by this.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Name`] if the text names no node.
    ///
    /// # Panics
    ///
    /// If the name is longer than 255 characters.
    pub fn named<N>(&self, name: impl AsRef<str>, node: N) -> Result<Remote, ConnectError>
    where
        N: TryInto<NodeName>,
        ConnectError: From<N::Error>,
    {
        Ok(self.at(name, &node.try_into()?))
    }

    pub(crate) fn at(&self, name: impl AsRef<str>, node: &NodeName) -> Remote {
        let name = Atom::new(name.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        if *node != self.0.own.name {
            self.0.ask_for(node);
        }
        Remote::new(self.0.clone(), Destination::Name(name, node.clone()))
    }

    /// A typed reference to the server that holds a name at a node: its calls and casts are those of a server here, with
    /// their timeouts, errors and monitors. A process here stands for the server, and passes on what it is sent; messages that
    /// go through it and others that go by a [`Remote`] are not in order with each other.
    ///
    /// A call that is given up here is not taken back there.
    ///
    /// # Errors
    ///
    /// As [`named`](Cluster::named).
    ///
    /// # Panics
    ///
    /// As [`named`](Cluster::named).
    pub fn server<S, N>(&self, name: &ServerName<S>, node: N) -> Result<ServerRef<S>, ConnectError>
    where
        S: Forward,
        N: TryInto<NodeName>,
        ConnectError: From<N::Error>,
    {
        let to = self.named(name.as_str(), node)?;
        Ok(Address::via(Elsewhere::new(&self.0.system, to, stand_for::<S>)).into())
    }

    /// The process that a term of another node means.
    pub fn process(&self, pid: &WirePid) -> Remote {
        Remote::new(self.0.clone(), Destination::Pid(pid.clone()))
    }

    /// The process behind an alias of another node.
    pub fn behind(&self, alias: &Reference) -> Remote {
        Remote::new(self.0.clone(), Destination::Alias(alias.clone()))
    }

    /// A process as other nodes know it, to be sent to them; `None` for one of a node that was never connected.
    pub fn wire_pid(&self, pid: Pid) -> Option<WirePid> {
        self.0.wire_pid(pid)
    }

    /// The process that a pid of a term means in this system; `None` for one of a node that was never connected, or of an
    /// earlier life of this node.
    pub fn pid(&self, pid: &WirePid) -> Option<Pid> {
        self.0.pid_of(pid)
    }

    /// A reference of this system as other nodes know it.
    pub fn wire_reference(&self, reference: otp_core::Ref) -> Reference {
        self.0.own.wire_reference(reference)
    }

    /// Lets other nodes send to an alias of a process.
    pub fn alias<M: TryFrom<Term> + Send + 'static>(&self, alias: &Alias<M>) -> RemoteAlias {
        RemoteAlias::new(&self.0, alias)
    }

    /// The node itself.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// The system.
    pub fn system(&self) -> &System {
        &self.0.system
    }
}

impl From<std::convert::Infallible> for ConnectError {
    fn from(never: std::convert::Infallible) -> ConnectError {
        match never {}
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cluster(of {})", self.0.own.name)
    }
}
