//! The shell on axum and tokio.

use std::future::{pending, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, State};
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::serve::Listener;
use http::StatusCode;
use http::header::COOKIE;
use http::request::Parts;
use otp::prelude::*;
use tokio::net::{TcpListener as TokioListener, TcpStream};
use tokio::sync::watch;

use super::{Answer, Ask, LONGEST_BODY, Tally, answer, token};
use crate::sessions::{Sessions, Token};

/// The shell as the last child of the tree. The socket outlives it: while it is started again, clients wait in the kernel's
/// queue. When the tree stops, clients have `patience` to finish their requests.
pub fn child(
    sessions: Sessions,
    socket: Arc<TcpListener>,
    tally: Tally,
    patience: Duration,
) -> ChildSpec<ProcessRef<NoMessage>> {
    ChildSpec::worker("shell", move |root: Process| {
        let options = SpawnOptions::new().link().trap_exit(true).label("axum");
        let serve = async move |ctx| serve(ctx, routes(sessions, tally), &socket).await;
        ready(root.spawn_with(options, serve).map(|spawned| spawned.process))
    })
    .shutdown(Shutdown::Timeout(patience))
}

fn routes(sessions: Sessions, tally: Tally) -> Router {
    Router::new()
        .route("/session", post(create).get(show).delete(end))
        .route("/session/{key}", put(store))
        .route("/sessions", get(count))
        .fallback(async || Answer::Nonsense(StatusCode::NOT_FOUND).response::<Body>())
        .method_not_allowed_fallback(async || Answer::Nonsense(StatusCode::METHOD_NOT_ALLOWED).response::<Body>())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Shell { sessions, tally })
}

#[derive(Clone)]
struct Shell {
    sessions: Sessions,
    tally: Tally,
}

impl Shell {
    async fn answer(self, Cookie(token): Cookie, ask: Ask) -> Response {
        self.tally.counted(answer(&self.sessions, token, ask)).await.response()
    }
}

async fn create(State(shell): State<Shell>, cookie: Cookie) -> Response {
    shell.answer(cookie, Ask::Create).await
}

async fn show(State(shell): State<Shell>, cookie: Cookie) -> Response {
    shell.answer(cookie, Ask::Show).await
}

async fn end(State(shell): State<Shell>, cookie: Cookie) -> Response {
    shell.answer(cookie, Ask::End).await
}

async fn count(State(shell): State<Shell>, cookie: Cookie) -> Response {
    shell.answer(cookie, Ask::Count).await
}

async fn store(State(shell): State<Shell>, cookie: Cookie, Path(key): Path<String>, body: Bytes) -> Response {
    match String::from_utf8(body.into()) {
        Ok(value) => shell.answer(cookie, Ask::Put { key, value }).await,
        Err(_) => Answer::Nonsense(StatusCode::BAD_REQUEST).response(),
    }
}

/// The session that the client shows.
struct Cookie(Option<Token>);

impl<S: Sync> FromRequestParts<S> for Cookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Cookie, Self::Rejection> {
        Ok(Cookie(token(parts.headers.get_all(COOKIE))))
    }
}

async fn serve(mut ctx: ProcessContext<NoMessage>, routes: Router, socket: &TcpListener) -> Result<(), ExitReason> {
    let (end, ending) = watch::channel(false);
    let (all_are_in, mut all_in) = watch::channel(false);
    let listener = Draining {
        listener: TokioListener::from_std(socket.try_clone()?)?,
        socket: socket.try_clone()?,
        ending,
        all_are_in,
    };
    let last_is_in = async move {
        // As nobody sends it messages, what it receives is the request of its supervisor to end.
        ctx.receive().await;
        end.send_replace(true);
        // Fails when the listener is gone.
        let _ = all_in.wait_for(|all_in| *all_in).await;
    };
    axum::serve(listener, routes).with_graceful_shutdown(last_is_in).await?;
    Err(ExitReason::Shutdown)
}

/// A listener that lets in, when it is to end, those who wait in the kernel's queue already: they have been accepted, as
/// far as they know.
struct Draining {
    listener: TokioListener,
    socket: TcpListener,
    ending: watch::Receiver<bool>,
    all_are_in: watch::Sender<bool>,
}

impl Listener for Draining {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        tokio::select! {
            accepted = Listener::accept(&mut self.listener) => return accepted,
            _ = self.ending.wait_for(|ending| *ending) => {}
        }
        // What the reactor has not heard of yet, the kernel has.
        if let Ok((stream, peer)) = self.socket.accept()
            && let Ok(()) = stream.set_nonblocking(true)
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            return (stream, peer);
        }
        self.all_are_in.send_replace(true);
        pending().await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
