use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::{Ack, StartError, StartOptions, start};
use otp_core::node::Receiver;
use otp_core::runtime::net::{Listener, Stream};
use otp_core::{Belonging, Crash, End, ExitReason, Message, Name, Process, ProcessContext, ProcessRef, System};
use otp_etf::Term;

use super::attempt::Attempt;
use super::config::{Config, NET_KERNEL, Ports};
use super::error::NodeStartError;
use super::receivers::Delivered;
use super::shared::{Hub, Shared};
use super::tree::{Connections, Job};
use crate::conn::{InHandshake, Waiting, secret};
use crate::epmd::{OwnEpmd, Registered};
use crate::proto::Cookie;
use crate::server::{Call, Incoming};

/// What the process receives that holds a node together: registered as `net_kernel`, as its counterpart in Erlang.
pub(crate) enum KernelMessage {
    /// Start a process that connects.
    Dial(Attempt),
    /// Somebody has connected.
    Accepted(Stream, InHandshake),
    /// A message of another node.
    Wire(Term, Option<Waiting>),
}

impl KernelMessage {
    /// Delivers a message of another node.
    pub(super) fn deliver(receiver: &Receiver, incoming: Incoming) -> Delivered {
        if let Some(kernel) = receiver.typed() {
            let waiting = incoming.waiting();
            // It fails if the node ends.
            let _ = kernel.try_send(KernelMessage::Wire(incoming.message, waiting));
        }
        Delivered::Done
    }
}

/// Starts the process; it has listened, and is registered with epmd, when this is done.
pub(super) async fn start_kernel(
    supervisor: Process,
    config: Config,
    epmd: Option<OwnEpmd>,
    connections: Connections,
) -> Result<ProcessRef<KernelMessage>, StartError> {
    if Hub::of(supervisor.system()).node().is_some() {
        let second = NodeStartError::SecondNode { name: config.name };
        return Err(StartError::failed(ExitReason::Error(Crash::from_error(second))));
    }
    let name: Name<KernelMessage> = Name::new(NET_KERNEL);
    let options = StartOptions::new(|| "node").name(name).link();
    let run = async move |ctx: ProcessContext<KernelMessage>, _, ack: Ack| match begin(&ctx, config, epmd).await {
        Ok(kernel) => {
            ack.started();
            kernel.run(ctx, connections).await
        }
        Err(error) => {
            let reason = ExitReason::Error(Crash::from_error(error));
            ack.failed(StartError::failed(reason.clone()), reason).await
        }
    };
    start(&supervisor, options, run).await.map(|started| started.process)
}

struct Kernel {
    node: Arc<Shared>,
    listener: Listener,
}

/// Ends the node with its process: all connections, and everything that depends on them.
struct NodeEnds(Arc<Shared>);

impl Belonging for NodeEnds {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        Hub::of(end.system).clear(&self.0);
        for peer in self.0.all_peers() {
            if let Some(conn) = peer.conn() {
                peer.down(conn.number, end.reason.clone());
                conn.close(ExitReason::Shutdown);
            }
        }
    }
}

async fn begin(
    ctx: &ProcessContext<KernelMessage>,
    config: Config,
    epmd: Option<OwnEpmd>,
) -> Result<Kernel, NodeStartError> {
    let system = ctx.system();
    let net = system.net()?;
    let address = config.address();
    if !config.may_use(&net, &address) {
        return Err(NodeStartError::NotLoopback { address });
    }
    if config.cookie.as_ref().is_none_or(Cookie::is_empty) {
        return Err(NodeStartError::NoCookie { name: config.name });
    }
    secret(system).map_err(|source| NodeStartError::NoChallenge { source })?;
    let listener = net.listen(&address).await?;
    let port = listener.local().ok().and_then(|local| local.port()).unwrap_or_default();
    let (creation, registered) = match config.ports {
        Ports::Epmd(at) => {
            let registered = Registered::new(system, net, (at, epmd), &config, port);
            let failed = |source| NodeStartError::Epmd { port: at, source };
            let (creation, stream) = registered.register().await.map_err(failed)?;
            let creation = creation.ok_or_else(|| NodeStartError::NameTaken { name: config.name.clone() })?;
            (creation, Some((registered, stream)))
        }
        Ports::Fixed(_) => (system.random() as u32 | 1, None),
    };
    let node = Arc::new(Shared::new(system.clone(), config, creation, ctx.this()));
    if !Hub::of(system).set(&node) {
        return Err(NodeStartError::SecondNode { name: node.own.name.clone() });
    }
    ctx.keep(NodeEnds(node.clone()));
    if let Some((registered, stream)) = registered {
        ctx.spawn_link(async move |_: ProcessContext<()>| registered.keep(stream).await);
    }
    Ok(Kernel { node, listener })
}

impl Kernel {
    async fn run(self, mut ctx: ProcessContext<KernelMessage>, connections: Connections) -> ExitReason {
        let Kernel { node, listener } = self;
        let (kernel, own) = (ctx.this(), node.clone());
        ctx.spawn_link(async move |ctx: ProcessContext<()>| accept(ctx.system(), &own, &kernel, listener).await);
        loop {
            let job = match ctx.receive().await {
                Message::User(KernelMessage::Wire(term, _waiting)) => {
                    answer(&node, &term);
                    continue;
                }
                Message::User(KernelMessage::Dial(attempt)) => Job::Dial(attempt),
                Message::User(KernelMessage::Accepted(stream, place)) => Job::Serve(stream, place),
                _ => continue,
            };
            connections.start(&node, job).await;
        }
    }
}

/// Lets others connect.
async fn accept(
    system: &System,
    node: &Arc<Shared>,
    kernel: &ProcessRef<KernelMessage>,
    listener: Listener,
) -> ExitReason {
    loop {
        match listener.accept().await {
            Ok(stream) => {
                // One too many is closed at once.
                let Some(place) = InHandshake::begin(node) else { continue };
                if kernel.send(KernelMessage::Accepted(stream, place)).await.is_err() {
                    return ExitReason::Shutdown;
                }
            }
            Err(error) => {
                tracing::warn!(target: "otp::dist", %error, "no connection can be accepted");
                system.sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Answers `{'$gen_call', {Pid, Tag}, {is_auth, Node}}`, which `net_adm:ping` sends.
fn answer(node: &Arc<Shared>, message: &Term) {
    let Some(from) = Call::of(message) else { return };
    let is_question = from.request.as_tuple().and_then(|parts| parts.first()?.as_atom()) == Some("is_auth");
    if is_question {
        from.reply(node, &Term::atom("yes"));
    }
}
