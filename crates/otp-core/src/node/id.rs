use std::fmt;

/// Identifies a node in the pids of one system: this node, or the number of another one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    /// The node of the system itself.
    pub const HERE: Node = Node(0);

    pub(crate) fn from_index(index: u32) -> Node {
        Node(index)
    }

    /// The number that pids show.
    pub fn index(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.0)
    }
}
