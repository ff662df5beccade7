use std::fmt;
use std::sync::Arc;

use super::peer::Peer;
use crate::process::{Party, Pid, Side, Ties};
use crate::system::System;

/// What stands here for a process that runs elsewhere: its pid and its ties. Cheap to clone.
///
/// Its methods are what the process does to those that run here, and its end. Their order is the caller's: signals from
/// one process to another take effect in the order of the calls.
#[derive(Clone)]
pub struct StandIn(pub(super) Arc<dyn Party>);

/// A process that runs elsewhere, of which nothing else is known here.
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
    /// A stand-in for the process `pid`, which `peer` is told of what concerns it.
    ///
    /// There is to be one for each process: [`Nodes::stand_in`](super::Nodes::stand_in) gives the same one each time.
    ///
    /// # Panics
    ///
    /// If `pid` is one of this system's own.
    pub fn new(system: &System, pid: Pid, peer: Arc<dyn Peer>) -> StandIn {
        assert!(!pid.is_here(), "{pid} runs here, and needs no stand-in");
        StandIn(Arc::new(Elsewhere { ties: Ties::new(system.clone(), pid, Pid::SYSTEM), peer }))
    }

    /// The process's pid.
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
