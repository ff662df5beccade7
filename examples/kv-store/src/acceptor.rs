//! Lets clients in.

use std::sync::Arc;
use std::time::Duration;

use futures::AsyncWriteExt;
use otp::ExitReason;
use otp::runtime::net::{Listener, Stream};
use otp::supervisor::StartChildError;

use crate::resp::Reply;
use crate::tree::Tree;

/// How long to wait when nobody can be let in, for lack of file descriptors or memory, before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a client that is turned away is given to take the reason.
const FAREWELL: Duration = Duration::from_millis(100);

/// Accepts clients for ever and has a process started for each.
pub(crate) async fn run(tree: Arc<Tree>, listener: Arc<Listener>) -> Result<(), ExitReason> {
    loop {
        match listener.accept().await {
            Ok(stream) => admit(&tree, stream).await,
            Err(error) => {
                // The client still waits in the kernel's queue: trying again at once would be a busy loop.
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept connections");
                tree.system.sleep(PAUSE).await;
            }
        }
    }
}

async fn admit(tree: &Tree, stream: Stream) {
    // Without it replies only come later: no reason to refuse the client.
    let _ = stream.set_nodelay(true);
    match tree.connections.start_child(stream.peer().clone()).await {
        // If it has been asked to end meanwhile, the client is closed.
        Ok(Some(connection)) => drop(connection.try_send(stream)),
        Ok(None) => {}
        Err(StartChildError::MaxChildren { .. }) => turn_away(tree, stream).await,
        // The supervisor is restarting: the client is closed, and may come again.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot serve a client"),
    }
}

/// Says why, as Redis does, and closes.
async fn turn_away(tree: &Tree, mut stream: Stream) {
    let mut text = Default::default();
    Reply::error("ERR max number of clients reached").encode(&mut text);
    // A courtesy: a client that does not take it is closed all the same.
    let _ = tree.system.timeout(FAREWELL, stream.write_all(&text)).await;
}
