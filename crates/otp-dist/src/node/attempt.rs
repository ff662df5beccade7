use std::sync::Arc;

use otp_core::{Belonging, End, ExitReason};

use super::peer::PeerNode;

/// An attempt to connect to a node, or of it to connect, and the connection that it becomes. It belongs to the process that
/// makes it, and ends with it; also if that process is never started, because this node ends.
pub(crate) struct Attempt {
    pub(crate) peer: Arc<PeerNode>,
    /// Among all of this node.
    pub(crate) number: u64,
}

impl Belonging for Attempt {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        self.peer.down(self.number, end.reason.clone());
        if let Some(node) = self.peer.node() {
            node.forget(&self.peer);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.peer.is_attempted(self.number) {
            self.peer.fails_because("this node has ended".to_owned());
            self.peer.down(self.number, ExitReason::Shutdown);
        }
    }
}
