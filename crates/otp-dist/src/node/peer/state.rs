use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;

use otp_core::Pid;
use otp_core::node::Node as NodeId;

use super::monitors::Monitors;
use super::names::Names;
use super::sending::{ConnectFailure, Queued};
use super::ties::Ties;
use crate::conn::Conn;
use crate::node::event::NodeEvent;
use crate::node::shared::Shared;
use crate::proto::{Election, NodeName};

/// Another node: the connection to it, and what of it is known here.
pub(crate) struct PeerNode {
    pub(crate) name: NodeName,
    node: Weak<Shared>,
    state: Mutex<State>,
    /// How many of its calls wait for the answers of servers here.
    pub(super) calls: Arc<AtomicUsize>,
}

#[derive(Default)]
pub(in crate::node) struct State {
    pub(super) election: Election,
    /// The processes that connect, by the numbers of their attempts.
    pub(super) attempts: HashMap<u64, Attempted>,
    pub(in crate::node) conn: Option<Arc<Conn>>,
    /// Whether it may be connected to: the program has asked for it, or it has been connected and knows the cookie.
    pub(super) known: bool,
    /// Whether the program has asked for it.
    asked: bool,
    /// Its lives: creations, and what pids of them have.
    pub(super) lives: Vec<(u32, NodeId)>,
    /// Its current life, while it is connected.
    pub(in crate::node) life: Option<NodeId>,
    pub(in crate::node) names: Names,
    pub(in crate::node) ties: Ties,
    /// Messages that wait for the connection.
    pub(super) queue: Vec<Queued>,
    pub(super) queued: usize,
    /// Those who wait for the connection.
    pub(super) waiting: Vec<Waker>,
    /// Those who are told when there is no connection.
    pub(super) monitors: Monitors,
    /// Why the last attempt has failed.
    pub(super) failure: Option<ConnectFailure>,
    /// Counts the ends of attempts and connections, for those who wait.
    pub(super) ended: u64,
    /// How many threads tell of a lost connection.
    pub(super) losing: usize,
    /// What is to be reported, in order, and whether a thread does that.
    pub(super) events: VecDeque<NodeEvent>,
    pub(super) is_reporting: bool,
}

/// A process that connects, or that somebody has connected to.
pub(super) struct Attempted {
    pub(super) process: Pid,
    pub(super) dialled: bool,
}

impl PeerNode {
    pub(crate) fn new(node: &Arc<Shared>, name: NodeName) -> Arc<PeerNode> {
        Arc::new(PeerNode { name, node: Arc::downgrade(node), state: Mutex::default(), calls: Arc::default() })
    }

    pub(crate) fn node(&self) -> Option<Arc<Shared>> {
        self.node.upgrade()
    }

    pub(in crate::node) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether nobody has asked for it, it was never connected, and nobody connects who says to be it.
    pub(crate) fn is_unused(&self) -> bool {
        let state = self.lock();
        !state.known && state.attempts.is_empty()
    }

    pub(crate) fn is_attempted(&self, number: u64) -> bool {
        self.lock().attempts.contains_key(&number)
    }

    /// The program asks for the node.
    pub(crate) fn ask(&self) {
        self.lock().ask();
    }

    /// Forgets a life of the node that is over, if nothing here needs it: who still has a pid of it has one of a node that
    /// was never connected. A node that is `connecting` has another life from then on, and is not forgotten itself.
    pub(in crate::node) fn forget_life(&self, life: NodeId, connecting: bool) -> Option<Forgotten> {
        let mut state = self.lock();
        let is_over = match state.life {
            // What was tied to an earlier life has been told.
            Some(current) => current != life,
            None if connecting => state.ties.stand_ins.keys().all(|pid| pid.node() != life),
            None => state.ties.stand_ins.is_empty() && state.queue.is_empty(),
        };
        let is_unused = || state.attempts.is_empty() && state.waiting.is_empty() && self.calls() == 0;
        let is_idle = state.losing == 0 && (connecting || is_unused());
        let at = state.lives.iter().position(|(_, known)| *known == life)?;
        if !is_over || !is_idle {
            return None;
        }
        state.lives.remove(at);
        if connecting || !state.lives.is_empty() || state.asked {
            return Some(Forgotten::Life);
        }
        state.known = false;
        Some(Forgotten::Node)
    }

    pub(crate) fn conn(&self) -> Option<Arc<Conn>> {
        self.lock().conn.clone()
    }

    /// What pids of a life of the node have.
    pub(crate) fn node_of(&self, creation: u32) -> Option<NodeId> {
        self.lock().node_of_life(creation)
    }
}

/// What is forgotten.
pub(in crate::node) enum Forgotten {
    /// A life of a node.
    Life,
    /// The node, of which that was the only life, and which the program has not asked for.
    Node,
}

impl State {
    pub(super) fn ask(&mut self) {
        self.known = true;
        self.asked = true;
    }

    /// Whether this is the connection that is used: what comes over it has an effect.
    pub(in crate::node) fn uses(&self, conn: &Conn) -> bool {
        self.conn.as_ref().is_some_and(|used| used.number == conn.number)
    }

    pub(super) fn knows(&self, life: NodeId) -> bool {
        self.names.node == Some(life) || self.lives.iter().any(|(_, known)| *known == life)
    }

    /// Wakes a task when there is a connection, or there is none.
    pub(super) fn wait(&mut self, waker: Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(&waker)) {
            self.waiting.push(waker);
        }
    }

    /// Begins an attempt to connect; the caller has the kernel make it, without the lock.
    pub(super) fn begin(&mut self, node: &Shared) -> Option<u64> {
        let attempt = node.next_number();
        let begun = self.election.dial(attempt);
        if begun {
            self.attempts.insert(attempt, Attempted { process: Pid::SYSTEM, dialled: true });
        }
        begun.then_some(attempt)
    }

    pub(super) fn node_of_life(&self, creation: u32) -> Option<NodeId> {
        self.lives.iter().find(|(life, _)| *life == creation).map(|(_, node)| *node)
    }
}
