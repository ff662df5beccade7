//! The process that serves.

use std::future::ready;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use otp::prelude::*;

use super::listener::Bounded;
use super::routes;
use crate::service::Service;

/// How long clients have to finish their requests when the tree stops.
const PATIENCE: Shutdown = Shutdown::Timeout(Duration::from_secs(1));

/// The server as the last child of the tree. The socket outlives it: while it is started again, clients wait in the
/// kernel's queue.
///
/// When the tree stops, it accepts nobody any more and answers what it has begun with.
pub fn child(service: Service, socket: TcpListener, connections: usize) -> ChildSpec<ProcessRef<NoMessage>> {
    let socket = Arc::new(socket);
    ChildSpec::worker("http", move |root: Process| {
        let options = SpawnOptions::new().link().trap_exit(true).label("http");
        let serve = async move |ctx| serve(ctx, service, socket.try_clone()?, connections).await;
        ready(root.spawn_with(options, serve).map(|spawned| spawned.process))
    })
    .shutdown(PATIENCE)
}

async fn serve(
    mut ctx: ProcessContext<NoMessage>,
    service: Service,
    socket: TcpListener,
    connections: usize,
) -> Result<(), ExitReason> {
    let listener = Bounded::new(tokio::net::TcpListener::from_std(socket)?, connections);
    // As nobody sends it messages, what it receives is the request of its supervisor to end.
    let asked_to_end = async move { drop(ctx.receive().await) };
    axum::serve(listener, routes(service)).with_graceful_shutdown(asked_to_end).await?;
    Err(ExitReason::Shutdown)
}
