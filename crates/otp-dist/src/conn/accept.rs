use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use otp_core::runtime::net::Stream;
use otp_core::{ExitReason, ProcessContext};

use super::io::Wire;
use super::life::{closed, live};
use super::link::Conn;
use super::outbox::Outbox;
use crate::node::{PeerNode, Shared};
use crate::proto::{Acceptor, Arrival, HandshakeError, Introduction, NodeName, Prefix, Status};

/// One more connection that is in its handshake, until it is dropped.
pub(crate) struct InHandshake(Arc<Shared>);

impl InHandshake {
    pub(crate) fn begin(node: &Arc<Shared>) -> Option<InHandshake> {
        let others = node.handshakes.fetch_add(1, Ordering::Relaxed);
        let one = InHandshake(node.clone());
        (others < node.config.handshakes).then_some(one)
    }
}

impl Drop for InHandshake {
    fn drop(&mut self) {
        self.0.handshakes.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The handshake has failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error("{0}")]
    Other(&'static str),
}

/// Serves a connection that somebody has made.
pub(crate) async fn serve(
    ctx: ProcessContext<()>,
    node: Arc<Shared>,
    stream: Stream,
    place: InHandshake,
) -> ExitReason {
    let limit = node.config.setup_time;
    let from = stream.peer().clone();
    let shaken = node.system.timeout(limit, shake_hands(&ctx, &node, stream)).await;
    drop(place);
    match shaken {
        Ok(Ok((peer, conn, wire))) => live(&ctx, node, peer, conn, wire).await,
        Ok(Err(error)) => {
            tracing::debug!(target: "otp::dist", %from, %error, "a connection is refused");
            closed(error.to_string())
        }
        Err(_) => closed("the handshake takes too long"),
    }
}

async fn shake_hands(
    ctx: &ProcessContext<()>,
    node: &Arc<Shared>,
    stream: Stream,
) -> Result<(Arc<PeerNode>, Arc<Conn>, Wire), Failed> {
    let mut wire = open(node, stream, None).await?;
    let cookie = node.config.cookie.clone().ok_or(Failed::Other("the node has no cookie"))?;
    let challenge = node.challenges.begin(&node.system)?;
    let mut acceptor = Acceptor::new(node.introduction(), cookie, challenge.number);
    let message = wire.receive().await?;
    let introduction = match acceptor.name(&message) {
        Ok(introduction) if is_allowed(node, &wire, &introduction.name) => introduction.clone(),
        Ok(introduction) => {
            let error = Failed::Other("the node is not allowed");
            tracing::debug!(target: "otp::dist", node = %introduction.name, "a node is not allowed to connect");
            wire.send(Status::NotAllowed.message()).await?;
            return Err(error);
        }
        Err(error) => {
            if let HandshakeError::Flags(_) = error {
                wire.send(Status::NotAllowed.message()).await?;
            }
            return Err(error.into());
        }
    };
    let (attempt, arrival) = node.arrive(&introduction.name, ctx.pid());
    let (peer, number) = (attempt.peer.clone(), attempt.number);
    ctx.keep(attempt);
    match arrival {
        Arrival::Accept | Arrival::Again { .. } => wire.send(Status::Ok.message()).await?,
        Arrival::Simultaneous { .. } => wire.send(Status::OkSimultaneous.message()).await?,
        Arrival::Nok => {
            wire.send(Status::Nok.message()).await?;
            return Err(Failed::Other("this node connects itself"));
        }
        Arrival::Alive => {
            wire.send(Status::Alive.message()).await?;
            acceptor.still_wanted(&wire.receive().await?)?;
        }
        Arrival::Refuse => return Err(Failed::Other("the node connects already")),
    }
    wire.send(&acceptor.challenge()).await?;
    let ack = acceptor.reply(&wire.receive().await?)?;
    let conn = take_up(ctx, node, &peer, number, &introduction).await?;
    wire.send(&ack).await?;
    Ok((peer, conn, wire))
}

/// Makes the connection the one that is used.
pub(super) async fn take_up(
    ctx: &ProcessContext<()>,
    node: &Arc<Shared>,
    peer: &Arc<PeerNode>,
    number: u64,
    introduction: &Introduction,
) -> Result<Arc<Conn>, Failed> {
    let outbox = Outbox::new(node.config.bounds);
    let conn = Conn::new(number, ctx.pid(), &node.introduction(), introduction, outbox, &node.system);
    let conn = Arc::new(conn);
    peer.up(introduction, &conn).await.map_err(Failed::Other)?;
    Ok(conn)
}

/// Prepares a socket that somebody has connected to, or that is connected `to` a node.
pub(super) async fn open(node: &Shared, stream: Stream, to: Option<&NodeName>) -> io::Result<Wire> {
    stream.set_nodelay(true)?;
    #[cfg(feature = "tls")]
    if let Some(tls) = &node.config.tls {
        return match to {
            Some(to) => tls.connect(stream, to).await,
            None => tls.accept(stream).await,
        };
    }
    let _ = (node, to);
    let (reader, writer) = stream.split();
    Ok(Wire::new(Box::new(reader), Box::new(writer), Prefix::Two))
}

/// Whether a node may connect that says to have this name.
fn is_allowed(node: &Shared, wire: &Wire, peer: &NodeName) -> bool {
    #[cfg(feature = "tls")]
    if wire.certificate.as_ref().is_some_and(|certificate| !super::tls::is_of(certificate, peer)) {
        return false;
    }
    let _ = wire;
    node.config.allows(peer)
}
