use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use otp_core::node::{Node as NodeId, NodeName as Incarnation, Nodes, StandIn};
use otp_core::{ExitReason, Pid, ProcessRef, System};
use otp_etf as etf;

use super::aliases::Aliases;
use super::attempt::Attempt;
use super::calls::Calls;
use super::config::Config;
use super::ids::{Own, number, wire_pid};
use super::kernel::KernelMessage;
use super::peer::{Forgotten, PeerNode};
use crate::conn::Challenges;
use crate::proto::{Arrival, Flags, Introduction, NodeName};

/// Where the node of a system is found: in the slot of the system, and as what resolves the pids of other nodes.
#[derive(Default)]
pub(crate) struct Hub {
    node: RwLock<Option<Arc<Shared>>>,
    connected: OnceLock<()>,
}

/// A running node.
pub(crate) struct Shared {
    pub(crate) system: System,
    pub(crate) config: Config,
    pub(crate) own: Own,
    pub(crate) calls: Calls,
    pub(crate) aliases: Aliases,
    pub(crate) kernel: ProcessRef<KernelMessage>,
    pub(crate) handshakes: AtomicUsize,
    pub(crate) challenges: Challenges,
    peers: Mutex<Peers>,
    numbers: AtomicU64,
}

#[derive(Default)]
struct Peers {
    by_name: BTreeMap<NodeName, Arc<PeerNode>>,
    /// The oldest first.
    by_id: BTreeMap<NodeId, Arc<PeerNode>>,
    /// How many lives of nodes are remembered.
    lives: usize,
}

impl Peers {
    /// Forgets the oldest life of a node that nothing here needs, as another one connects; returns what is to be dropped
    /// without the lock.
    fn forget_life(&mut self, connecting: &Arc<PeerNode>) -> Option<(NodeId, Arc<PeerNode>)> {
        let forget = |life, peer: &Arc<PeerNode>| peer.forget_life(life, Arc::ptr_eq(peer, connecting));
        let oldest = self.by_id.iter().find_map(|(life, peer)| Some((*life, forget(*life, peer)?)));
        let (life, of_node) = oldest?;
        self.lives -= 1;
        let peer = self.by_id.remove(&life)?;
        if let Forgotten::Node = of_node {
            self.by_name.remove(&peer.name);
        }
        Some((life, peer))
    }
}

impl Hub {
    pub(crate) fn of(system: &System) -> Arc<Hub> {
        let hub = system.slot::<Hub>();
        hub.connected.get_or_init(|| {
            // Another crate may have connected the system; then its processes are not ours.
            let _ = system.connect(Arc::new(Resolver(Arc::downgrade(&hub))));
        });
        hub
    }

    pub(crate) fn node(&self) -> Option<Arc<Shared>> {
        self.node.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes this the node of the system; false if there is one.
    pub(crate) fn set(&self, node: &Arc<Shared>) -> bool {
        let mut current = self.node.write().unwrap_or_else(PoisonError::into_inner);
        let is_free = current.is_none();
        if is_free {
            *current = Some(node.clone());
        }
        is_free
    }

    /// The node has ended.
    pub(crate) fn clear(&self, node: &Arc<Shared>) {
        let mut current = self.node.write().unwrap_or_else(PoisonError::into_inner);
        let was = current.take_if(|current| Arc::ptr_eq(current, node));
        drop(current);
        drop(was);
    }
}

/// Does not own the system, as the hub would.
struct Resolver(std::sync::Weak<Hub>);

impl Nodes for Resolver {
    fn stand_in(&self, pid: Pid) -> Option<StandIn> {
        let node = self.0.upgrade()?.node()?;
        node.peer_of(pid.node())?.stand_in(pid)
    }
}

impl Shared {
    pub(crate) fn new(system: System, config: Config, creation: u32, kernel: ProcessRef<KernelMessage>) -> Shared {
        let own = Own { name: config.name.clone(), creation };
        Shared {
            system,
            config,
            own,
            calls: Calls::default(),
            aliases: Aliases::default(),
            kernel,
            handshakes: AtomicUsize::new(0),
            challenges: Challenges::default(),
            peers: Mutex::default(),
            numbers: AtomicU64::new(1),
        }
    }

    pub(crate) fn introduction(&self) -> Introduction {
        let flags = if self.config.hidden { Flags::hidden() } else { Flags::visible() };
        Introduction::new(self.own.name.clone(), flags, self.own.creation)
    }

    /// A number for an attempt to connect, and the connection that it becomes.
    pub(crate) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The other node with this name, which the program asks for.
    pub(crate) fn ask_for(self: &Arc<Self>, name: &NodeName) -> Arc<PeerNode> {
        self.with_peer(name, |peer| {
            peer.ask();
            peer.clone()
        })
    }

    /// Somebody connects who says to be this node: what the process `by` is to do about it, with its attempt.
    pub(crate) fn arrive(self: &Arc<Self>, name: &NodeName, by: Pid) -> (Attempt, Arrival) {
        let number = self.next_number();
        let (peer, arrival, given_up) = self.with_peer(name, |peer| {
            let (arrival, given_up) = peer.arrive(number, &self.own.name, by);
            (peer.clone(), arrival, given_up)
        });
        if let Some(given_up) = given_up {
            self.system.exit(given_up, ExitReason::Shutdown);
        }
        (Attempt { peer, number }, arrival)
    }

    /// Does something with the other node of this name, connected or not, before it can be forgotten.
    fn with_peer<T>(self: &Arc<Self>, name: &NodeName, act: impl FnOnce(&Arc<PeerNode>) -> T) -> T {
        let mut peers = self.peers();
        act(peers.by_name.entry(name.clone()).or_insert_with(|| PeerNode::new(self, name.clone())))
    }

    /// The other node with this name, if it has been asked for or was connected.
    pub(crate) fn known_peer(&self, name: &NodeName) -> Option<Arc<PeerNode>> {
        self.peers().by_name.get(name).cloned()
    }

    /// Forgets a node that has never been connected, that nobody has asked for, and that does not connect now: anybody may
    /// claim to be it.
    pub(crate) fn forget(&self, peer: &Arc<PeerNode>) {
        let mut peers = self.peers();
        let is_there = peers.by_name.get(&peer.name).is_some_and(|there| Arc::ptr_eq(there, peer));
        let forgotten = if is_there && peer.is_unused() { peers.by_name.remove(&peer.name) } else { None };
        drop(peers);
        drop(forgotten);
    }

    /// The node in whose place the names of processes of a node stand: a name has a pid that is that of no process.
    pub(crate) fn names_of(self: &Arc<Self>, peer: &Arc<PeerNode>) -> NodeId {
        let node = self.system.node(format!("{} by name", peer.name), 0);
        self.peers().by_id.insert(node, peer.clone());
        node
    }

    /// A node of this name and creation has connected: its pids have this number. If there are too many, the oldest is
    /// forgotten that is over; `None` if there is none.
    pub(crate) fn incarnation(self: &Arc<Self>, peer: &Arc<PeerNode>, creation: u32) -> Option<NodeId> {
        if let Some(known) = peer.node_of(creation) {
            return Some(known);
        }
        let mut peers = self.peers();
        let mut forgotten = None;
        if peers.lives >= self.config.limits.max_lives() {
            let (node, of) = peers.forget_life(peer)?;
            self.system.forget_node(node);
            forgotten = Some(of);
        }
        peers.lives += 1;
        let node = self.system.node(peer.name.as_str().to_owned(), creation);
        peers.by_id.insert(node, peer.clone());
        drop(peers);
        drop(forgotten);
        Some(node)
    }

    pub(crate) fn peer_of(&self, node: NodeId) -> Option<Arc<PeerNode>> {
        self.peers().by_id.get(&node).cloned()
    }

    pub(crate) fn all_peers(&self) -> Vec<Arc<PeerNode>> {
        self.peers().by_name.values().cloned().collect()
    }

    /// The process that another node means, here or elsewhere; `None` if its node was never connected.
    pub(crate) fn pid_of(&self, pid: &etf::Pid) -> Option<Pid> {
        if pid.node == *self.own.name.atom() {
            return self.own.pid(pid);
        }
        let known = NodeName::new(pid.node.as_str()).ok().and_then(|name| self.peers().by_name.get(&name).cloned())?;
        let node = known.node_of(pid.creation)?;
        Some(Pid::elsewhere(node, number(pid)?))
    }

    /// A process as other nodes know it.
    pub(crate) fn wire_pid(&self, pid: Pid) -> Option<etf::Pid> {
        if pid.is_here() {
            return Some(self.own.wire_pid(pid));
        }
        let Incarnation { name, creation, .. } = self.system.node_name(pid.node())?;
        Some(wire_pid(&NodeName::new(name.as_str()).ok()?, creation, pid.number()))
    }

    /// Asks the kernel to start a process that connects.
    pub(crate) fn dial(&self, peer: Arc<PeerNode>, number: u64) {
        // If it has ended, the attempt does, too.
        let _ = self.kernel.try_send(KernelMessage::Dial(Attempt { peer, number }));
    }

    fn peers(&self) -> MutexGuard<'_, Peers> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
