use std::collections::BTreeSet;
use std::time::Duration;

use otp::dist::{Cluster, NodeEvent};
use otp::prelude::*;
use otp::process::SpawnOptions;

use crate::copies::{COPIES, CopiesClient, LIMIT};
use crate::members::{Members, SHARDS};
use crate::shard::{NAMES, Shard};

/// The supervisor of the shards of this node.
pub(crate) const PLACED: SupervisorName = SupervisorName::new("shards");

/// How long to wait before nodes that have not answered are told again.
const PAUSE: Duration = Duration::from_secs(1);

/// The process that has the shards run on this node for which it is responsible: at first, and each time that a node comes or
/// goes.
pub(crate) fn child(members: Members) -> ChildSpec<ProcessRef<NodeEvent>> {
    ChildSpec::worker("placement", async move |supervisor: Process| {
        let options = SpawnOptions::new().link().label("placement");
        let run = async move |mut ctx: ProcessContext<NodeEvent>| -> Result<(), ExitReason> {
            let cluster = Cluster::of(ctx.system())?;
            let _monitor = cluster.monitor_nodes(Address::from(&ctx.this()));
            let mut placement = Placement { cluster, members, here: BTreeSet::new() };
            loop {
                placement.place().await?;
                if placement.hand_over().await? {
                    ctx.receive().await;
                } else {
                    ctx.receive_timeout(PAUSE).await;
                }
            }
        };
        supervisor.spawn_with(options, run).map(|spawned| spawned.process)
    })
}

struct Placement {
    cluster: Cluster,
    members: Members,
    /// The shards that run here.
    here: BTreeSet<usize>,
}

impl Placement {
    /// Starts the shards for which this node is responsible now, and stops the others.
    async fn place(&mut self) -> Result<(), ExitReason> {
        let shards = SupervisorRef::named(self.cluster.system(), PLACED);
        let mut moved = false;
        for (shard, name) in NAMES.iter().enumerate() {
            let is_own = self.members.owner(&self.cluster, shard) == *self.cluster.name();
            if is_own && self.here.insert(shard) {
                shards.start_child(Shard::child((shard, self.members.clone())).name(name.clone())).await?;
            } else if !is_own && self.here.remove(&shard) {
                shards.terminate_child(name.as_str()).await?;
                shards.delete_child(name.as_str()).await?;
            } else {
                continue;
            }
            moved = true;
        }
        if moved {
            tracing::info!(node = %self.cluster.name(), shards = ?self.here, "these shards are here now");
        }
        Ok(())
    }

    /// Tells the two nodes that should know a shard what this one knows of it. Returns whether all have answered.
    async fn hand_over(&self) -> Result<bool, ExitReason> {
        let copies = ServerRef::named(self.cluster.system(), COPIES);
        let mut all = true;
        for shard in 0..SHARDS {
            let known = copies.known(shard).await?;
            for node in self.members.ranked(&self.cluster, shard).iter().take(2) {
                if node != self.cluster.name() {
                    let told = self.cluster.server(&COPIES, node)?.merge(shard, known.clone()).timeout(LIMIT).await;
                    all &= told.is_ok();
                }
            }
        }
        Ok(all)
    }
}
