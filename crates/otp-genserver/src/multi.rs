use std::time::Duration;

use futures::future::join_all;
use otp_core::{CallError, ReplyTo};

use crate::server::GenServer;
use crate::server_ref::ServerRef;

/// The outcome of [`multi_call`]: the replies, and the servers that failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MultiCall<S: GenServer, R> {
    /// The replies, in the order of the servers.
    pub replies: Vec<(ServerRef<S>, R)>,
    /// The servers that did not answer, with the error of each, in the order of the servers.
    pub failed: Vec<(ServerRef<S>, CallError)>,
}

/// Calls several servers at once and waits for all replies, at most for `limit`. Later replies are dropped.
///
/// OTP's `gen_server:multi_call/4`.
///
/// # Cancel safety
///
/// Dropping the future gives up all calls.
pub async fn multi_call<S: GenServer, R: Send + 'static>(
    servers: &[ServerRef<S>],
    make: impl Fn(ReplyTo<R>) -> S::Call,
    limit: Duration,
) -> MultiCall<S, R> {
    let calls = servers.iter().map(|server| server.call(&make).timeout(limit));
    let mut outcome = MultiCall { replies: Vec::new(), failed: Vec::new() };
    for (server, answer) in servers.iter().zip(join_all(calls).await) {
        match answer {
            Ok(reply) => outcome.replies.push((server.clone(), reply)),
            Err(error) => outcome.failed.push((server.clone(), error)),
        }
    }
    outcome
}

/// Sends a cast to several servers; OTP's `gen_server:abcast/2`. Like every cast, it does not fail.
pub fn abcast<'a, S: GenServer<Cast: Clone>>(servers: impl IntoIterator<Item = &'a ServerRef<S>>, cast: &S::Cast) {
    for server in servers {
        server.cast(cast.clone());
    }
}
