//! For the tests of this crate: the node `a@h`, and its connection to `b@h` without a socket.

use std::sync::Arc;

use otp_core::{Pid, ProcessContext, System};

use crate::conn::{Bounds, Conn, Outbox};
use crate::node::{Config, KernelMessage, PeerNode, Shared};
use crate::proto::{Flags, Introduction};

pub(crate) fn introduction(name: &str) -> Introduction {
    Introduction::new(name.parse().expect("it is a name"), Flags::visible(), 1)
}

pub(crate) fn node(system: &System) -> Arc<Shared> {
    // It makes no attempt to connect that it is asked for, and drops none.
    let kernel = system.spawn(async |mut ctx: ProcessContext<KernelMessage>| {
        let mut asked = Vec::new();
        loop {
            asked.push(ctx.receive().await);
        }
    });
    let config = Config::new("a@h".parse().expect("it is a name"));
    Arc::new(Shared::new(system.clone(), config, 1, kernel))
}

/// A connection of an attempt with this number.
pub(crate) fn conn(system: &System, number: u64, bounds: Bounds) -> Arc<Conn> {
    let (own, peer) = (introduction("a@h"), introduction("b@h"));
    Arc::new(Conn::new(number, Pid::SYSTEM, &own, &peer, Outbox::new(bounds), system))
}

/// Has the node connected.
pub(crate) async fn connect(node: &Arc<Shared>) -> (Arc<PeerNode>, Arc<Conn>) {
    let (attempt, _) = node.arrive(&"b@h".parse().expect("it is a name"), Pid::SYSTEM);
    let conn = conn(&node.system, attempt.number, Bounds::of(1));
    attempt.peer.up(&introduction("b@h"), &conn).await.expect("nobody else has connected");
    (attempt.peer.clone(), conn)
}
