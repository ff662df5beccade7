//! Lets clients in.

use std::sync::Arc;
use std::time::Duration;

use otp::runtime::net::{Listener, Stream};

use crate::serve::Serving;

/// How long to wait when nobody can be let in, for lack of file descriptors or memory, before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts clients for ever and has a process started for each.
pub(crate) async fn run(serving: Arc<Serving>, listener: Arc<Listener>) {
    loop {
        match listener.accept().await {
            Ok(socket) => admit(&serving, socket).await,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept clients");
                serving.system.sleep(PAUSE).await;
            }
        }
    }
}

async fn admit(serving: &Serving, socket: Stream) {
    // Without it answers only come later: no reason to refuse the client.
    let _ = socket.set_nodelay(true);
    match serving.clients.start_child(socket.peer().clone()).await {
        Ok(Some(client)) => drop(client.try_send(socket)),
        Ok(None) => {}
        // There are as many as there may be, or the supervisor is restarting: the client is closed, and may come again.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot serve a client"),
    }
}
