use std::sync::Arc;

use super::connected::NodeName;
use super::id::Node;
use super::peer::Nodes;
use crate::label::Label;
use crate::system::System;

impl System {
    /// Returns the node with this name and creation, for use in the pids of this system. The same two arguments give the same
    /// node, until it is [forgotten](System::forget_node).
    ///
    /// # Panics
    ///
    /// After 2^32 - 1 nodes.
    pub fn node(&self, name: impl Into<Label>, creation: u32) -> Node {
        let wanted = NodeName { name: name.into(), creation };
        let mut names = self.nodes().names.lock();
        if let Some((number, _)) = names.by_number.iter().find(|(_, known)| **known == wanted) {
            return Node::from_index(*number);
        }
        names.last = names.last.checked_add(1).expect("there are fewer nodes");
        let number = names.last;
        names.by_number.insert(number, wanted);
        Node::from_index(number)
    }

    /// Forgets a node: its pids mean nothing any more, and no other node gets them, also not one of the same name and creation.
    pub fn forget_node(&self, node: Node) {
        let forgotten = self.nodes().names.lock().by_number.remove(&node.index());
        drop(forgotten);
    }

    /// Returns the name of a node; `None` for this node, and for a node unknown to this system.
    pub fn node_name(&self, node: Node) -> Option<NodeName> {
        self.nodes().names.lock().by_number.get(&node.index()).cloned()
    }

    /// Lists the nodes that this system has been told of, the first one first. A node that is listed need not be connected.
    pub fn known_nodes(&self) -> Vec<NodeName> {
        self.nodes().names.lock().by_number.values().cloned().collect()
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
