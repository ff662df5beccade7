//! One process for each client.
//!
//! It reads some bytes, cuts them into commands, asks the shards, and writes the replies; only when the client has
//! taken those does it read on. So a client costs what one such round costs, whether it reads its replies or not.

mod inbox;
mod outlet;
mod session;

use std::sync::Arc;
use std::time::Duration;

use otp::prelude::*;
use otp::runtime::net::{NetAddr, Stream};

use crate::tree::Tree;

/// How long a connection may take to answer what it has read when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// The process for one client, which is sent the socket once it has started. It is never started again: its socket is gone
/// with it.
pub(crate) fn spec(tree: Arc<Tree>, peer: NetAddr) -> ChildSpec<ProcessRef<Stream>> {
    let start = async move |connections: Process| -> Result<ProcessRef<Stream>, StartError> {
        let label = format!("connection from {peer}");
        let options = SpawnOptions::new().link().label(label).trap_exit(true);
        let spawned = connections.spawn_with(options, move |ctx| session::run(tree, ctx))?;
        Ok(spawned.process)
    };
    ChildSpec::worker("connection", start).restart(Restart::Temporary).shutdown(Shutdown::Timeout(GRACE))
}
