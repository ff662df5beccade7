use std::sync::{Arc, OnceLock};

use super::peer::Nodes;
use super::stand_in::StandIn;
use crate::label::Label;
use crate::process::Pid;
use crate::sync::Mutex;

/// What a node is called: its name, and which of its lives it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NodeName {
    /// The name, such as `shop@localhost`.
    pub name: Label,
    /// Tells a node from the one that had the same name before it was started again; Erlang's creation.
    pub creation: u32,
}

/// What a system knows of other nodes.
#[derive(Default)]
pub(crate) struct Connected {
    pub(super) names: Mutex<Vec<NodeName>>,
    pub(super) nodes: OnceLock<Arc<dyn Nodes>>,
}

impl Connected {
    pub(crate) fn stand_in(&self, pid: Pid) -> Option<StandIn> {
        self.nodes.get()?.stand_in(pid)
    }
}
