//! Lets clients in.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use otp::supervisor::StartChildError;

use crate::handover::Handover;
use crate::net::{Listener, Stream};
use crate::resp::Reply;
use crate::tree::Tree;

/// How long to wait when nobody can be let in, for lack of file descriptors or memory, before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a client that is turned away is given to take the reason.
const FAREWELL: Duration = Duration::from_millis(100);

/// Accepts clients for ever and has a process started for each.
pub(crate) async fn run(tree: Arc<Tree>, socket: Arc<TcpListener>) -> Result<(), ExitReason> {
    let listener = Listener::new(&socket, &tree.system)?;
    loop {
        match listener.accept().await {
            Ok(stream) => admit(&tree, stream).await,
            Err(error) if concerns_one_client(&error) => {}
            Err(error) => {
                // The client still waits in the kernel's queue: trying again at once would be a busy loop.
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept connections");
                tree.system.sleep(PAUSE).await;
            }
        }
    }
}

async fn admit(tree: &Tree, stream: Stream) {
    let handover = Handover::new(stream);
    match tree.connections.start_child(handover.clone()).await {
        Ok(_) => {}
        Err(StartChildError::MaxChildren { .. }) => turn_away(tree, &handover).await,
        // The supervisor is restarting: the client is closed, and may come again.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot serve a client"),
    }
}

/// Says why, as Redis does, and closes.
async fn turn_away(tree: &Tree, handover: &Handover<Stream>) {
    if let Some(mut stream) = handover.take() {
        let mut text = Default::default();
        Reply::error("ERR max number of clients reached").encode(&mut text);
        // A courtesy: a client that does not take it is closed all the same.
        let _ = tree.system.timeout(FAREWELL, stream.write(&text)).await;
    }
}

/// Whether an error is that of a client who has gone away while waiting.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
