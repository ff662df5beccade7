use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use otp_core::behaviour::blockable;
use otp_core::{ExitReason, Pid, Process, Ref};
use otp_etf::{SerializeError, Term, encode_into, from_term, to_bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::destination::Destination;
use super::error::RemoteCallError;
use super::process::Remote;
use crate::node::{Outcome, PeerNode, Posted, Shared};
use crate::proto::{Control, PidOrName};

/// A call of a server of another node, which is sent when it is awaited; made by [`Remote::call`].
///
/// The request waits while too much waits to be written to the node, as what is [sent](Remote::send); the timeout counts
/// that. The server is monitored while the call lasts. The answer comes to an alias, so that one that is late is dropped.
///
/// # Errors
///
/// [`RemoteCallError`].
///
/// # Cancel safety
///
/// Dropping the future gives the call up. The server may handle it all the same; its answer is dropped.
#[must_use = "a call is sent when it is awaited"]
pub struct RemoteCall<R> {
    to: Remote,
    request: Result<Vec<u8>, SerializeError>,
    limit: Option<Duration>,
    answer: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> RemoteCall<R> {
    pub(super) fn new(to: Remote, request: &(impl Serialize + ?Sized)) -> RemoteCall<R> {
        RemoteCall { to, request: to_bytes(request), limit: Some(Duration::from_secs(5)), answer: PhantomData }
    }

    /// Sets the timeout.
    pub fn timeout(mut self, limit: Duration) -> RemoteCall<R> {
        self.limit = Some(limit);
        self
    }

    /// Removes the timeout.
    pub fn no_timeout(mut self) -> RemoteCall<R> {
        self.limit = None;
        self
    }

    async fn run(self) -> Result<R, RemoteCallError> {
        let (to, limit) = (self.to.clone(), self.limit);
        let answered = async {
            to.room().await;
            self.at_once().await
        };
        let Some(limit) = limit else { return answered.await };
        let mut answered = pin!(answered);
        // It is sent before a timeout lets others run.
        if let Poll::Ready(outcome) = poll_fn(|cx| Poll::Ready(answered.as_mut().poll(cx))).await {
            return outcome;
        }
        let in_time = to.node.system.timeout(limit, answered).await;
        in_time.unwrap_or_else(|_| Err(RemoteCallError::Timeout { to: to.to_string(), limit }))
    }

    /// Sends the request at the first poll, and waits for the answer, however long that takes.
    pub(crate) async fn at_once(self) -> Result<R, RemoteCallError> {
        let to = self.to;
        let named = || to.to_string();
        let request = self.request.map_err(|source| RemoteCallError::Encode { to: named(), source })?;
        let (waiting, answer) =
            begin(&to, &request[1..]).map_err(|reason| RemoteCallError::Exited { to: named(), reason })?;
        let outcome = answer.await;
        drop(waiting);
        let answer = outcome.map_err(|reason| RemoteCallError::Exited { to: named(), reason })?;
        from_term(&answer).map_err(|source| RemoteCallError::Answer { to: named(), source })
    }
}

impl<R: DeserializeOwned + 'static> IntoFuture for RemoteCall<R> {
    type Output = Result<R, RemoteCallError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Monitors the server, and sends it the request. The answer comes before the end of the server, if both have come.
fn begin(to: &Remote, request: &[u8]) -> Result<(Waiting, impl Future<Output = Outcome> + Send + use<>), ExitReason> {
    let Remote { node, to: destination } = to;
    let caller = Process::current().filter(|process| *process.system() == node.system);
    let caller = caller.map_or(Pid::SYSTEM, |process| process.pid());
    let reference = node.system.make_ref();
    let (from, wire) = (node.own.wire_pid(caller), node.own.wire_reference(reference));

    let is_here = destination.node() == node.own.name.atom();
    let peer = if is_here { None } else { Some(node.peer_at(destination).ok_or(ExitReason::NoConnection)?) };
    let answer = node.calls.begin(reference, peer.clone());
    let mut waiting = Waiting { node: node.clone(), reference, caller, monitored: None };
    let mut ended = None;
    let target = match destination {
        Destination::Pid(pid) => Some(PidOrName::Pid(pid.clone())),
        Destination::Name(name, _) => Some(PidOrName::Name(name.clone())),
        // Nobody knows whose it is.
        Destination::Alias(_) => None,
    };
    match (peer, target) {
        (_, None) => {}
        (Some(peer), Some(target)) => {
            let control = Control::Monitor { from: from.clone(), target: target.clone(), reference: wire.clone() };
            if let Posted::Unreachable = peer.post(caller, control, Vec::new(), true) {
                return Err(ExitReason::NoConnection);
            }
            waiting.monitored = Some((peer, target));
        }
        (None, Some(_)) => ended = Some(node.system.exited(to.pid().ok_or(ExitReason::NoProc)?)),
    }
    // {'$gen_call', {Pid, [alias|Ref]}, Request}
    let tag = Term::list([Term::atom("alias")], wire.into());
    let mut payload = vec![104, 3];
    for part in [Term::atom("$gen_call"), Term::tuple([from.into(), tag])] {
        encode_into(&mut payload, &part).expect("it is small");
    }
    payload.extend_from_slice(request);
    if let Posted::Unreachable = node.post_to(caller, destination, payload) {
        return Err(ExitReason::NoConnection);
    }
    let answered = async move {
        match ended {
            None => blockable(answer).await.unwrap_or(Err(ExitReason::NoConnection)),
            Some(ended) => match select(answer, ended).await {
                Either::Left((outcome, _)) => outcome.unwrap_or(Err(ExitReason::NoConnection)),
                Either::Right((reason, _)) => Err(reason),
            },
        }
    };
    Ok((waiting, answered))
}

/// A call that waits for its answer. Dropping it removes the monitor.
struct Waiting {
    node: Arc<Shared>,
    reference: Ref,
    caller: Pid,
    monitored: Option<(Arc<PeerNode>, PidOrName)>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.node.calls.forget(self.reference);
        if let Some((peer, target)) = self.monitored.take() {
            let (from, reference) = (self.node.own.wire_pid(self.caller), self.node.own.wire_reference(self.reference));
            peer.post(self.caller, Control::Demonitor { from, target, reference }, Vec::new(), false);
        }
    }
}

impl<R> fmt::Debug for RemoteCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteCall(to {})", self.to.to)
    }
}
