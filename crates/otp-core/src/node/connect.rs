use std::sync::Arc;

use super::connected::{Connected, NodeName};
use super::id::Node;
use super::peer::Nodes;
use crate::label::Label;
use crate::system::System;

impl System {
    /// The node of this name and creation, in the pids of this system. The same two give the same node each time.
    ///
    /// A system remembers each node that it was ever told of, so that pids keep their meaning.
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

    /// What a node is called; `None` for this one, and for a node that this system was never told of.
    pub fn node_name(&self, node: Node) -> Option<NodeName> {
        let index = usize::try_from(node.index().checked_sub(1)?).ok()?;
        self.nodes().names.lock().get(index).cloned()
    }

    /// Has `nodes` asked for the processes of other nodes from now on. `nodes` must not own the system, or neither is
    /// ever dropped.
    ///
    /// # Errors
    ///
    /// `nodes` comes back if the system is connected already.
    pub fn connect(&self, nodes: Arc<dyn Nodes>) -> Result<(), Arc<dyn Nodes>> {
        self.nodes().nodes.set(nodes)
    }
}
