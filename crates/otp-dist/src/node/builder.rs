use std::fmt;
use std::time::Duration;

use otp_core::runtime::net::NetAddr;
use otp_core::{Pid, Spawner};
use otp_etf::Term;
use otp_supervisor::{ChildOf, ChildSpec, StartSupervisor, Static};

use super::config::{Config, Ports};
use super::receivers::Receivers;
use super::tree::tree;
use crate::conn::Bounds;
use crate::proto::{Cookie, InvalidNodeName, Limits, NodeName};
use crate::server::{RemoteServer, servers};

/// Makes a system a node among others: a supervision tree, for a supervisor of the program.
///
/// A system is at most one node. When it has started, the node listens and is registered with epmd, and
/// [`Cluster::of`](crate::Cluster::of) connects to others. When it ends, all its connections end, and everything that
/// depends on them gets `NoConnection`. A restarted node has another creation: pids of its earlier life mean nothing.
///
/// ```no_run
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::dist::{Cluster, Cookie, Node};
/// use otp::supervisor::{Strategy, Supervisor};
///
/// let node = Node::named("shop@127.0.0.1").unwrap().cookie(Cookie::new("secret")).hidden(true);
/// Supervisor::new(Strategy::OneForOne).child(node).start(&system).await.unwrap();
/// let cluster = Cluster::of(&system).unwrap();
/// cluster.connect("warehouse@127.0.0.1").await.unwrap();
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a node does nothing until it is started"]
pub struct Node(Config);

impl Node {
    /// A node with this name. By default it is visible, listens on the loopback interface, and asks the epmd of the host.
    ///
    /// # Errors
    ///
    /// [`InvalidNodeName`] if the text is not like `shop@localhost`.
    pub fn named(name: impl AsRef<str>) -> Result<Node, InvalidNodeName> {
        NodeName::new(name.as_ref()).map(|name| Node(Config::new(name)))
    }

    /// Sets the secret that the nodes of the cluster share. A node without one does not start.
    pub fn cookie(mut self, cookie: Cookie) -> Node {
        self.0.cookie = Some(cookie);
        self
    }

    /// Sets whether the node is hidden: others do not connect to it on behalf of those that it is connected to.
    pub fn hidden(mut self, hidden: bool) -> Node {
        self.0.hidden = hidden;
        self
    }

    /// Sets where the node listens. Beyond the loopback interface it does not start without TLS.
    pub fn listen(mut self, address: impl Into<NetAddr>) -> Node {
        self.0.listen = Some(address.into());
        self
    }

    /// Encrypts all connections, and verifies both sides. Nodes with TLS and without it do not connect to each other.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self, tls: crate::Tls) -> Node {
        self.0.tls = Some(tls);
        self
    }

    /// Sets the port of epmd, on all hosts; 4369 by default.
    pub fn epmd(mut self, port: u16) -> Node {
        self.0.ports = Ports::Epmd(port);
        self
    }

    /// Sets whether the node is the epmd of its host if no other program is: `-start_epmd` of Erlang, but in the process of
    /// the node, so that several nodes of this library need nothing else to find each other. False by default.
    ///
    /// The first node that gets the port of epmd, on 127.0.0.1, serves all nodes of the host, BEAM nodes too. A node of this
    /// library asks there for every node whose host is on the loopback interface; a BEAM node asks at the address of the host.
    /// When it ends, another one takes its place, and those that were registered register again, at once or a second later;
    /// until then they cannot be found, while connections that are made are not concerned. Has no effect with
    /// [`fixed_port`](Node::fixed_port).
    ///
    /// It answers requests to register, to look up, and for all names, of any local user, and bounds what they make it keep:
    /// 256 names, with a connection each, and 128 connections that have not made their request yet, of 1 KiB and 5 seconds.
    ///
    /// ```no_run
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::System;
    /// use otp::dist::{Cluster, Cookie, Node};
    ///
    /// let node = |name| Node::named(name).unwrap().cookie(Cookie::new("secret")).start_epmd(true);
    /// node("a@127.0.0.1").start(&system).await.unwrap();
    /// node("b@127.0.0.1").start(&System::on(system.runtime().clone())).await.unwrap();
    /// Cluster::of(&system).unwrap().connect("b@127.0.0.1").await.unwrap();
    /// # }).unwrap();
    /// ```
    pub fn start_epmd(mut self, start: bool) -> Node {
        self.0.start_epmd = start;
        self
    }

    /// Does without epmd: every node listens on this port of its host, as with `-erl_epmd_port` in Erlang.
    pub fn fixed_port(mut self, port: u16) -> Node {
        self.0.ports = Ports::Fixed(port);
        self
    }

    /// Sets after which silence a node is given up; a minute by default. It has to be the same on all nodes: Erlang's
    /// `net_ticktime`.
    pub fn tick_time(mut self, time: Duration) -> Node {
        self.0.tick_time = time;
        self
    }

    /// Sets how long a connection may take until it is made; seven seconds by default.
    pub fn setup_time(mut self, limit: Duration) -> Node {
        self.0.setup_time = limit;
        self
    }

    /// Allows only these nodes to be connected to, in either direction. By default all that know the cookie are allowed.
    pub fn allow(mut self, nodes: impl IntoIterator<Item = NodeName>) -> Node {
        self.0.allowed.get_or_insert_default().extend(nodes);
        self
    }

    /// Lets other nodes send to, call and monitor only the holders of these names. By default, all names. Pids that they
    /// have been sent are not concerned.
    pub fn expose<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Node {
        self.0.exposed.get_or_insert_default().extend(names.into_iter().map(Into::into));
        self
    }

    /// Sets how much other nodes may make the node keep in memory. Beyond a limit, the connection is closed.
    pub fn limits(mut self, limits: Limits) -> Node {
        self.0.limits = limits;
        self
    }

    /// Sets how many bytes wait to be written to one node before its senders wait (backpressure); 1 MiB by default, as
    /// Erlang's `+zdbbl`. Signals and replies do not wait: beyond 256 times as much, and at least 1 MiB, nothing more is read
    /// from that node before it has taken what waits. Beyond twice that, and at least 64 MiB, the connection is closed.
    pub fn busy_limit(mut self, bytes: usize) -> Node {
        self.0.bounds = Bounds::of(bytes);
        self
    }

    /// Lets other nodes send to processes that receive `M`. By default they reach those that receive a [`Term`]. Terms that
    /// are no `M` are dropped.
    pub fn receives<M: TryFrom<Term> + Send + 'static>(mut self) -> Node {
        self.0.receivers = self.0.receivers.with::<M>(Receivers::plain::<M>());
        self
    }

    /// Lets other nodes call servers of the type `S`.
    pub fn serves<S: RemoteServer>(mut self) -> Node {
        self.0.receivers = servers::<S>(&self.0.receivers);
        self
    }

    /// Shares the groups of a scope with the scopes of the same name on other nodes: Erlang's `pg:start_link(Scope)`, which
    /// has the scope `pg` without a name of its own. Members there are members here, and the other way round.
    ///
    /// The scope is a child of its own in the program's tree, `Groups::child(name)`, before or after the node. It is shared
    /// whenever both run. Hidden nodes, and those from which this one is hidden, take no part unless they ask for it.
    ///
    /// * **Keys** are terms by the conventions of [`otp::etf`](otp_etf#conventions). Groups there whose key is no `K` are not
    ///   seen here.
    /// * **Members of other nodes** have pids of other nodes. A message to one is sent as a term, and passes through a process
    ///   here whose mailbox is bounded: beyond 1,024 messages it is full. A member here gets messages of other nodes if its
    ///   node [receives](Node::receives) or [serves](Node::serves) its type.
    /// * **A lost connection** ends the memberships of its processes, on both sides; a new connection brings them back.
    /// * **Order.** The joins and leaves of one node arrive in the order in which they happened.
    ///
    /// ```no_run
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::dist::{Cookie, Node};
    /// use otp::etf::Term;
    /// use otp::registry::{Groups, GroupsName};
    /// use otp::supervisor::{Strategy, Supervisor};
    ///
    /// const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");
    ///
    /// // In Elixir: :pg.start_link(:rooms), :pg.join(:rooms, "kitchen", self()).
    /// let node = Node::named("shop@127.0.0.1").unwrap().cookie(Cookie::new("secret")).shares(ROOMS);
    /// Supervisor::new(Strategy::OneForOne).child(Groups::child(ROOMS)).child(node).start(&system).await.unwrap();
    /// Groups::named(&system, ROOMS).broadcast("kitchen", Term::atom("dinner"));
    /// # }).unwrap();
    /// ```
    #[cfg(feature = "groups")]
    #[cfg_attr(docsrs, doc(cfg(feature = "groups")))]
    pub fn shares<K, M>(mut self, scope: otp_registry::GroupsName<K, M>) -> Node
    where
        K: serde::Serialize + serde::de::DeserializeOwned + std::hash::Hash + Eq + Clone + Send + Sync + 'static,
        M: serde::Serialize + Send + 'static,
    {
        let (share, receivers) = crate::groups::Share::of(scope, &self.0.receivers);
        self.0.receivers = receivers;
        self.0.shares.push(share);
        self
    }

    /// The name of the node.
    pub fn name(&self) -> &NodeName {
        &self.0.name
    }

    /// Starts the node without a link to the process that starts it. Does nothing until it is awaited.
    pub fn start(self, on: &impl Spawner) -> StartSupervisor {
        tree(self.0).start(on)
    }

    /// Starts the node with a link to the process that starts it. Does nothing until it is awaited.
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor {
        tree(self.0).start_link(on)
    }
}

/// A node is a child of a supervisor, whose id is the name of the node.
impl ChildOf<Static> for Node {
    type Started = Pid;

    fn into_child(self) -> ChildSpec {
        let id = self.0.name.as_str().to_owned();
        let config = self.0;
        ChildSpec::supervisor(id, async move |supervisor: otp_core::Process| {
            let started = tree(config).start_link(&supervisor).await?;
            started.pid().ok_or_else(|| otp_behaviour::StartError::failed(otp_core::ExitReason::NoProc))
        })
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.0.name)
    }
}
