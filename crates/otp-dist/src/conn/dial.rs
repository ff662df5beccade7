use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use otp_core::runtime::net::{Net, Stream};
use otp_core::{ExitReason, ProcessContext};

use super::accept::{Failed, open, take_up};
use super::io::Wire;
use super::life::{closed, live};
use super::link::Conn;
use crate::node::{Attempt, GIVEN_UP, PeerNode, Ports, Shared};
use crate::proto::{Cookie, HandshakeError, Initiator, Introduction, NodeName, Status, Step, epmd};

/// Connects to a node, and serves the connection.
pub(crate) async fn dial(ctx: ProcessContext<()>, node: Arc<Shared>, attempt: Attempt) -> ExitReason {
    let (peer, number) = (attempt.peer.clone(), attempt.number);
    ctx.keep(attempt);
    if !peer.attempt_runs(number, ctx.pid()) {
        return closed(GIVEN_UP);
    }
    let limit = node.config.setup_time;
    match node.system.timeout(limit, shake_hands(&ctx, &node, &peer, number)).await {
        Ok(Ok((conn, wire))) => live(&ctx, node, peer, conn, wire).await,
        Ok(Err(error)) => {
            peer.fails_because(error.to_string());
            tracing::debug!(target: "otp::dist", node = %peer.name, %error, "a node cannot be connected to");
            closed(error.to_string())
        }
        Err(_) => {
            peer.fails_because(format!("not connected within {limit:?}"));
            closed("the handshake takes too long")
        }
    }
}

async fn shake_hands(
    ctx: &ProcessContext<()>,
    node: &Arc<Shared>,
    peer: &Arc<PeerNode>,
    number: u64,
) -> Result<(Arc<Conn>, Wire), Failed> {
    let cookie = node.config.cookie.clone().ok_or(Failed::Other("the node has no cookie"))?;
    if !node.config.allows(&peer.name) {
        return Err(Failed::Other("the node is not allowed"));
    }
    let stream = connect(node, &peer.name).await?;
    let wire = open(node, stream, Some(&peer.name)).await?;
    introduce(ctx, node, peer, number, cookie, wire).await
}

/// The handshake itself, of an attempt that may be given up at any time.
async fn introduce(
    ctx: &ProcessContext<()>,
    node: &Arc<Shared>,
    peer: &Arc<PeerNode>,
    number: u64,
    cookie: Cookie,
    mut wire: Wire,
) -> Result<(Arc<Conn>, Wire), Failed> {
    let challenge = node.challenges.begin(&node.system)?;
    let mut initiator = Initiator::new(node.introduction(), peer.name.clone(), cookie, challenge.number);
    wire.send(&initiator.name_message()).await?;
    loop {
        let message = match wire.receive().await {
            Err(error) if initiator.has_replied() && error.kind() != io::ErrorKind::TimedOut => {
                return Err(Failed::Other("the connection was closed after the reply: probably another cookie"));
            }
            message => message?,
        };
        // Its process ends when it waits next. Until then it must not say that it is still wanted: the peer would have it take
        // the place of the connection for which it was given up.
        if !peer.is_attempted(number) {
            return Err(Failed::Other(GIVEN_UP));
        }
        if Introduction::of_challenge_message(&message).is_ok_and(|(_, asked)| node.challenges.contains(asked)) {
            return Err(Failed::Other("a challenge of this node came back: the peer does not know the cookie"));
        }
        let step = match initiator.receive(&message) {
            // The peer connects itself, at this moment: its connection takes the place of this attempt, and ends it.
            Err(HandshakeError::Refused { status: Status::Nok, .. }) => {
                drop(wire);
                return std::future::pending().await;
            }
            step => step?,
        };
        match step {
            Step::Wait => {}
            Step::Alive => wire.send(Initiator::still_wanted()).await?,
            Step::Send(reply) => wire.send(&reply).await?,
            Step::Done(introduction) => {
                let conn = take_up(ctx, node, peer, number, &introduction).await?;
                return Ok((conn, wire));
            }
        }
    }
}

async fn connect(node: &Shared, name: &NodeName) -> Result<Stream, Failed> {
    let net = node.system.net().map_err(io::Error::other)?;
    let at = net.look_up(name.host(), 0).await.map_err(io::Error::other)?;
    if !at.iter().all(|address| node.config.may_use(&net, &(*address).into())) {
        return Err(Failed::Other("its host is beyond the loopback interface, and there is no TLS"));
    }
    let port = match node.config.ports {
        Ports::Fixed(port) => port,
        Ports::Epmd(port) => {
            look_up(&net, epmds(&at), name, port).await?.ok_or(Failed::Other("epmd knows no such node"))?
        }
    };
    Ok(connect_to_one(&net, &at, port).await?)
}

/// Where to ask for the nodes of a host. Erlang's epmd listens on 127.0.0.1 whatever else it is told, and that of a node only
/// there.
fn epmds(host: &[SocketAddr]) -> &[SocketAddr] {
    const LOOPBACK: &[SocketAddr] = &[SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)];
    if host.iter().all(|address| address.ip().is_loopback()) { LOOPBACK } else { host }
}

/// Asks epmd on the host of a node for its port.
async fn look_up(net: &Net, at: &[SocketAddr], name: &NodeName, port: u16) -> io::Result<Option<u16>> {
    let mut stream = connect_to_one(net, at, port).await?;
    stream.write_all(&epmd::look_up(name)).await?;
    let mut answer = [0; 4];
    match stream.read_exact(&mut answer).await {
        Ok(()) => Ok(epmd::looked_up(&answer)),
        // No such node: the answer has two bytes.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Connects to a port of the first address of a host that has it.
async fn connect_to_one(net: &Net, at: &[SocketAddr], port: u16) -> io::Result<Stream> {
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in at {
        match net.connect(SocketAddr::new(address.ip(), port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = io::Error::other(error),
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::{Mutex, PoisonError};
    use std::task::{Context, Poll, Waker};

    use futures::AsyncWrite;
    use futures::io::Cursor;
    use otp::tokio::TokioExecutor;
    use otp_core::Pid;

    use super::*;
    use crate::proto::{Arrival, Prefix};
    use crate::unconnected;

    /// The number of the first attempt of a node.
    const FIRST: u64 = 1;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn bytes(&self) -> Vec<u8> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    impl AsyncWrite for Written {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn an_attempt_that_was_given_up_does_not_say_that_it_is_still_wanted() {
        for given_up in [false, true] {
            let done = TokioExecutor::current_thread().run(async move |system| {
                let node = unconnected::node(&system);
                let peer = node.ask_for(&"b@h".parse().unwrap());
                let waits = peer.poll_connect(&mut None, &Context::from_waker(Waker::noop()));
                assert!(waits.is_pending() && peer.is_attempted(FIRST));
                let other = given_up.then(|| node.arrive(&peer.name, Pid::SYSTEM));
                assert!(
                    other.as_ref().is_none_or(|(_, arrival)| *arrival == Arrival::Simultaneous { instead_of: FIRST })
                );
                let written = Written::default();
                let wire = Wire::new(Box::new(Cursor::new(b"\0\x06salive")), Box::new(written.clone()), Prefix::Two);
                // Nobody ends this process, as if all that it does were one poll.
                let process = system.spawn(async move |ctx: ProcessContext<()>| {
                    let failed = introduce(&ctx, &node, &peer, FIRST, Cookie::new("secret"), wire).await.err();
                    assert_eq!(failed.expect("there is no more to read").to_string() == GIVEN_UP, given_up);
                });
                assert_eq!(process.exited().await, ExitReason::Normal);
                assert_eq!(written.bytes().ends_with(b"\0\x05strue"), !given_up);
                drop(other);
            });
            done.unwrap();
        }
    }
}
