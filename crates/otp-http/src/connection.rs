use std::pin::pin;
use std::sync::Arc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{self, Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use otp_core::runtime::net::Stream;
use otp_core::{Process, ProcessContext, ProcessRef, SpawnOptions, System};

use crate::answer::answer;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::rate::Rate;
use crate::server::Handler;
use crate::wire::Wire;

/// What the connections of a server share.
pub(crate) struct Shared {
    pub(crate) handler: Handler,
    pub(crate) limits: Limits,
    hyper: http1::Builder,
}

impl Shared {
    pub(crate) fn new(system: &System, handler: Handler, limits: Limits) -> Shared {
        let mut hyper = http1::Builder::new();
        hyper
            .timer(Clock::of(system))
            .header_read_timeout(limits.header_time)
            .max_buf_size(limits.header)
            .max_headers(MOST_HEADERS)
            // The wall clock is not the system's.
            .auto_date_header(false)
            .half_close(false);
        Shared { handler, limits, hyper }
    }
}

/// Asks a connection to end after the request that it handles.
pub(crate) struct Drain;

/// Is ready when the connection drains: its streams end then.
pub(crate) type Draining = future::Shared<future::Map<oneshot::Receiver<()>, fn(Result<(), oneshot::Canceled>)>>;

/// Starts the process of a connection, linked to the server.
pub(crate) fn connect(server: &Process, stream: Stream, shared: Arc<Shared>) -> ProcessRef<Drain> {
    let options = SpawnOptions::new().label("http connection").link();
    let spawned = server.spawn_with(options, move |ctx| serve(ctx, stream, shared));
    spawned.expect("it has no name").process
}

async fn serve(mut ctx: ProcessContext<Drain>, stream: Stream, shared: Arc<Shared>) {
    // Otherwise each response waits for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let (process, peer) = (Process::clone(&ctx), stream.peer().clone());
    let wire = Wire::new(stream, ctx.system(), shared.limits.write_time);
    // Of its own: no client takes away what another one may ask.
    let rate = Arc::new(Rate::new(shared.limits.requests_per_second));
    let (drain, draining) = oneshot::channel();
    let draining: Draining = draining.map(drop as fn(_)).shared();
    let handle = service_fn(|request| {
        answer(request, peer.clone(), process.clone(), shared.clone(), rate.clone(), draining.clone())
    });
    let mut connection = pin!(shared.hyper.serve_connection(wire, handle));
    let ended = match select(connection.as_mut(), pin!(ctx.receive())).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => {
            connection.as_mut().graceful_shutdown();
            drop(drain);
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(target: "otp::http", %peer, %error, "a connection failed");
    }
}

/// As many headers as a browser sends, several times over.
const MOST_HEADERS: usize = 64;
