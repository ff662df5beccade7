//! The shell on hyper alone, and on whichever executor the system has: its sockets are those of the system.
//!
//! ```text
//! connections  DynamicSupervisor, at most --connections
//! └ …          a process for each client, temporary
//! shell        accepts clients
//! ```

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, select};
use http::header::COOKIE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use otp::prelude::*;
use otp::runtime::net::{Listener, NetAddr, Stream};
use otp::supervisor::{SupervisorName, SupervisorRef};
use smol_hyper::rt::{FuturesIo, SmolTimer};

use super::{Answer, Ask, LONGEST_BODY, Tally, answer, token};
use crate::sessions::Sessions;

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// How long to wait when nobody can be let in, for lack of file descriptors or memory, before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection's process is started for the client's address, and then sent the socket.
type Connections = fn(NetAddr) -> ProcessRef<Stream>;

const CONNECTIONS: SupervisorName<Connections> = SupervisorName::new("connections");

/// Adds the shell to a tree, as its last children. The socket outlives it.
pub fn add_to(
    tree: Supervisor,
    sessions: Sessions,
    socket: Arc<Listener>,
    tally: Tally,
    (most, patience): (usize, Duration),
) -> Supervisor {
    let connections = ChildSpec::supervisor(CONNECTIONS, move |root: Process| {
        let (sessions, tally) = (sessions.clone(), tally.clone());
        DynamicSupervisor::template(move |peer| connection(sessions.clone(), tally.clone(), peer, patience))
            .max_children(most)
            .start_link(&root)
            .name(CONNECTIONS)
    });
    let shell = ChildSpec::worker("shell", move |root: Process| {
        let options = SpawnOptions::new().link().trap_exit(true).label("hyper");
        let accept = move |ctx: ProcessContext<NoMessage>| accept(ctx, socket);
        std::future::ready(root.spawn_with(options, accept).map(|spawned| spawned.process))
    });
    tree.child(connections).child(shell)
}

/// Lets clients in; at the end also those who wait in the kernel's queue already: they have been accepted, as far as they
/// know.
async fn accept(mut ctx: ProcessContext<NoMessage>, socket: Arc<Listener>) -> Result<(), ExitReason> {
    let connections = SupervisorRef::named(ctx.system(), CONNECTIONS);
    let system = ctx.system().clone();
    loop {
        let next = match select(pin!(ctx.receive()), pin!(socket.accept())).await {
            // As nobody sends it messages, this is the request of its supervisor to end.
            Either::Left(_) => break,
            Either::Right((next, _)) => next,
        };
        match next {
            Ok(stream) => admit(&connections, stream).await,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot accept clients");
                system.sleep(PAUSE).await;
            }
        }
    }
    while let Some(Ok(stream)) = socket.accept().now_or_never() {
        admit(&connections, stream).await;
    }
    Err(ExitReason::Shutdown)
}

async fn admit(connections: &SupervisorRef<Connections>, stream: Stream) {
    let _ = stream.set_nodelay(true);
    match connections.start_child(stream.peer().clone()).await {
        Ok(Some(connection)) => drop(connection.try_send(stream)),
        Ok(None) => {}
        // There are too many, or the supervisor is restarting: the client is closed, and may come again.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot serve a client"),
    }
}

fn connection(sessions: Sessions, tally: Tally, peer: NetAddr, patience: Duration) -> ChildSpec<ProcessRef<Stream>> {
    ChildSpec::worker("connection", move |connections: Process| {
        let options = SpawnOptions::new().link().label(format!("connection from {peer}")).trap_exit(true);
        let spawned = connections.spawn_with(options, move |ctx| serve(ctx, sessions, tally));
        std::future::ready(spawned.map(|spawned| spawned.process))
    })
    .restart(Restart::Temporary)
    .shutdown(Shutdown::Timeout(patience))
}

/// Serves one client, until it goes, or until the request that it has begun with when this is to end is answered.
async fn serve(mut ctx: ProcessContext<Stream>, sessions: Sessions, tally: Tally) {
    let Some(stream) = first(&mut ctx).await else { return };
    let service = service_fn(|request| {
        let (sessions, tally) = (sessions.clone(), tally.clone());
        async move { Ok::<_, Infallible>(tally.counted(handle(sessions, request)).await) }
    });
    let http = http1::Builder::new()
        .timer(SmolTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(FuturesIo::new(stream), service);
    let mut http = pin!(http);
    let served = match select(pin!(ctx.receive()), http.as_mut()).await {
        Either::Left(_) => {
            http.as_mut().graceful_shutdown();
            http.await
        }
        Either::Right((served, _)) => served,
    };
    if let Err(error) = served {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
    }
}

/// The socket; none if it is to end before it has one.
async fn first(ctx: &mut ProcessContext<Stream>) -> Option<Stream> {
    match ctx.receive().await {
        Message::User(stream) => Some(stream),
        // The socket may be behind it.
        _ => match ctx.receive_timeout(Duration::ZERO).await {
            Some(Message::User(stream)) => Some(stream),
            _ => None,
        },
    }
}

async fn handle(sessions: Sessions, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let token = token(request.headers().get_all(COOKIE));
    let answered = match route(request).await {
        Ok(ask) => answer(&sessions, token, ask).await,
        Err(status) => Answer::Nonsense(status),
    };
    answered.response()
}

async fn route(request: Request<Incoming>) -> Result<Ask, StatusCode> {
    let (parts, body) = request.into_parts();
    Ok(match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/session") => Ask::Create,
        (&Method::GET, "/session") => Ask::Show,
        (&Method::DELETE, "/session") => Ask::End,
        (&Method::GET, "/sessions") => Ask::Count,
        (method, path) => match path.strip_prefix("/session/") {
            Some(key) if !key.is_empty() && !key.contains('/') => match *method {
                Method::PUT => Ask::Put { key: key.to_owned(), value: text(body).await? },
                _ => return Err(StatusCode::METHOD_NOT_ALLOWED),
            },
            None if matches!(path, "/session" | "/sessions") => return Err(StatusCode::METHOD_NOT_ALLOWED),
            _ => return Err(StatusCode::NOT_FOUND),
        },
    })
}

async fn text(body: Incoming) -> Result<String, StatusCode> {
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|error| {
        let is_too_long = error.is::<http_body_util::LengthLimitError>();
        if is_too_long { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST }
    })?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| StatusCode::BAD_REQUEST)
}
