use std::time::Duration;

use otp::dist::{Cluster, NodeDown, NodeName};
use otp::prelude::*;
use otp::process::SpawnOptions;

/// How long to wait before a node that was lost is connected to again.
const PAUSE: Duration = Duration::from_millis(500);

/// The process that keeps this node connected with another one.
pub(crate) fn child(other: NodeName) -> ChildSpec<ProcessRef<NodeDown>> {
    let label = format!("neighbour {other}");
    ChildSpec::worker(label.clone(), async move |supervisor: Process| {
        let options = SpawnOptions::new().link().label(label);
        supervisor
            .spawn_with(options, async move |mut ctx: ProcessContext<NodeDown>| -> Result<(), ExitReason> {
                let cluster = Cluster::of(ctx.system())?;
                loop {
                    // It connects, and says when that was in vain or the connection is lost.
                    let _monitor = cluster.monitor_node(&other, Address::from(&ctx.this()))?;
                    ctx.receive().await;
                    ctx.system().sleep(PAUSE).await;
                }
            })
            .map(|spawned| spawned.process)
    })
}
