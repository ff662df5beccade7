//! Lets clients in.

use std::sync::Arc;
use std::time::Duration;

use futures::AsyncWriteExt;
use otp::runtime::net::{Listener, Stream};
use otp::supervisor::StartChildError;

use crate::tree::Tree;
use crate::user::Event;

/// How long to wait when nobody can be let in, for lack of file descriptors or memory, before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a client that is turned away is given to take the reason.
const FAREWELL: Duration = Duration::from_millis(100);

/// Accepts clients for ever and has a process started for each.
pub(crate) async fn run(tree: Arc<Tree>, listener: Arc<Listener>) {
    loop {
        match listener.accept().await {
            Ok(socket) => admit(&tree, socket).await,
            Err(error) => {
                // The client still waits in the kernel's queue: trying again at once would be a busy loop.
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept clients");
                tree.system.sleep(PAUSE).await;
            }
        }
    }
}

async fn admit(tree: &Tree, socket: Stream) {
    // Without it lines only come later: no reason to refuse the client.
    let _ = socket.set_nodelay(true);
    match tree.users.start_child(socket.peer().clone()).await {
        // If it has been asked to end meanwhile, the client is closed.
        Ok(Some(user)) => drop(user.try_send(Event::Connected(socket))),
        Ok(None) => {}
        Err(StartChildError::MaxChildren { .. }) => turn_away(tree, socket).await,
        // The supervisor is restarting: the client is closed, and may come again.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot serve a client"),
    }
}

/// Says why, and closes.
async fn turn_away(tree: &Tree, mut socket: Stream) {
    // A courtesy: a client that does not take it is closed all the same.
    let _ = tree.system.timeout(FAREWELL, socket.write_all(b"! all seats are taken; come again later\n")).await;
}
