//! The supervision tree of a node.
//!
//! ```text
//! cluster          Supervisor, rest_for_one
//! ├ copies         what this node knows of all shards
//! ├ a@127.0.0.1    the node
//! ├ counter        what clients call
//! ├ neighbour …    one for each other node
//! └ placed         Supervisor, one_for_all
//!   ├ shards       Supervisor
//!   │ └ shard_3 …  those for which this node is responsible
//!   └ placement    starts and stops them
//! ```
//!
//! The copies come first, under `rest_for_one`: if they were lost, the node would be another one, and so it is restarted, too.

use otp::dist::Node;
use otp::prelude::*;

use crate::copies::{COPIES, Copies};
use crate::counter::{COUNTER, Counter};
use crate::members::Members;
use crate::neighbour;
use crate::placement::{self, PLACED};
use crate::shard::{NAMES, Shard};

/// The tree of one of the members. Other nodes reach the counter, the shards and the copies, and nothing else.
pub fn tree(node: Node, members: Members) -> Supervisor {
    let own = node.name().clone();
    let node = node.expose([COPIES.as_str(), COUNTER.as_str()]).expose(NAMES.iter().map(|name| name.as_str()));
    let node = node.serves::<Counter>().serves::<Shard>().serves::<Copies>();
    let tree = Supervisor::new(Strategy::RestForOne)
        .child(Copies::child(()).name(COPIES))
        .child(node)
        .child(Counter::child(members.clone()).name(COUNTER));
    let tree = members.others(&own).cloned().map(neighbour::child).fold(tree, Supervisor::child);
    tree.child(placed(members))
}

/// The shards of this node, and the process that starts and stops them: a new one begins with no shards.
fn placed(members: Members) -> ChildSpec<SupervisorRef> {
    ChildSpec::supervisor("placed", async move |parent: Process| {
        let shards = ChildSpec::supervisor(PLACED, async |parent: Process| {
            Supervisor::new(Strategy::OneForOne).start_link(&parent).name(PLACED).await
        });
        let placed = Supervisor::new(Strategy::OneForAll).child(shards).child(placement::child(members));
        placed.start_link(&parent).await
    })
}
