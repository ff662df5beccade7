use std::sync::Arc;

use super::connected::{Connected, NodeName};
use super::id::Node;
use super::peer::Nodes;
use crate::label::Label;
use crate::system::System;

impl System {
    /// Returns the node with this name and creation, for use in the pids of this system. The same two arguments always
    /// give the same node.
    ///
    /// A system remembers each node that it has been told, so that pids keep their meaning.
    ///
    /// # Panics
    ///
    /// After 2^32 - 1 nodes.
    pub fn node(&self, name: impl Into<Label>, creation: u32) -> Node {
        let wanted = NodeName { name: name.into(), creation };
        let Connected { names, .. } = self.nodes();
        let mut names = names.lock();
        let known = names.iter().position(|known| *known == wanted);
        let index = known.unwrap_or_else(|| {
            names.push(wanted);
            names.len() - 1
        });
        Node::from_index(u32::try_from(index + 1).expect("there are fewer nodes"))
    }

    /// Returns the name of a node; `None` for this node, and for a node unknown to this system.
    pub fn node_name(&self, node: Node) -> Option<NodeName> {
        let index = usize::try_from(node.index().checked_sub(1)?).ok()?;
        self.nodes().names.lock().get(index).cloned()
    }

    /// Lists the nodes that this system has been told of, the first one first. A node that is listed need not be connected.
    pub fn known_nodes(&self) -> Vec<NodeName> {
        self.nodes().names.lock().clone()
    }

    /// Connects this system to other nodes: from now on, `nodes` resolves their pids. `nodes` must not own the system,
    /// or neither is ever dropped.
    ///
    /// # Errors
    ///
    /// Gives `nodes` back if the system is connected already.
    pub fn connect(&self, nodes: Arc<dyn Nodes>) -> Result<(), Arc<dyn Nodes>> {
        self.nodes().nodes.set(nodes)
    }
}
