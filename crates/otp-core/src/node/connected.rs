use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::peer::Nodes;
use super::stand_in::StandIn;
use crate::label::Label;
use crate::process::Pid;
use crate::sync::Mutex;

/// The full name of a node: its name, and a number that distinguishes its restarts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NodeName {
    /// The name, such as `shop@localhost`.
    pub name: Label,
    /// Distinguishes a node from an earlier one with the same name; Erlang's creation.
    pub creation: u32,
}

/// The other nodes that a system knows.
#[derive(Default)]
pub(crate) struct Connected {
    pub(super) names: Mutex<Names>,
    pub(super) nodes: OnceLock<Arc<dyn Nodes>>,
}

/// The names of nodes, by their numbers. A number is never used again: pids have it.
#[derive(Default)]
pub(super) struct Names {
    pub(super) by_number: BTreeMap<u32, NodeName>,
    pub(super) last: u32,
}

impl Connected {
    pub(crate) fn stand_in(&self, pid: Pid) -> Option<StandIn> {
        self.nodes.get()?.stand_in(pid)
    }
}
