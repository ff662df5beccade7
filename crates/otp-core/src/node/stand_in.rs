use std::fmt;
use std::sync::Arc;

use super::peer::Peer;
use crate::process::{Party, Pid, Side, Ties};
use crate::system::System;

/// Represents a process that runs elsewhere in this system: its pid and its ties. Cheap to clone.
///
/// Its methods are the operations of the remote process on local ones, and its end. Signals from one process to another
/// take effect in the order of the calls.
#[derive(Clone)]
pub struct StandIn(pub(super) Arc<dyn Party>);

/// A process that runs elsewhere; the system knows nothing else about it.
struct Elsewhere {
    ties: Ties,
    peer: Arc<dyn Peer>,
}

impl Party for Elsewhere {
    fn ties(&self) -> &Ties {
        &self.ties
    }

    fn side(&self) -> Side<'_> {
        Side::There(&*self.peer)
    }
}

impl StandIn {
    /// Makes a stand-in for the process `pid`; operations on it are passed to `peer`.
    ///
    /// Make only one for each process: [`Nodes::stand_in`](super::Nodes::stand_in) has to return the same one each
    /// time.
    ///
    /// # Panics
    ///
    /// If `pid` belongs to this system.
    pub fn new(system: &System, pid: Pid, peer: Arc<dyn Peer>) -> StandIn {
        assert!(!pid.is_here(), "{pid} runs here, and needs no stand-in");
        StandIn(Arc::new(Elsewhere { ties: Ties::new(system.clone(), pid, Pid::SYSTEM), peer }))
    }

    /// The pid of the process.
    pub fn pid(&self) -> Pid {
        self.0.ties().pid
    }

    /// True until [`end`](StandIn::end).
    pub fn is_alive(&self) -> bool {
        self.0.ties().is_alive()
    }

    pub(crate) fn into_party(self) -> Arc<dyn Party> {
        self.0
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StandIn({})", self.pid())
    }
}
