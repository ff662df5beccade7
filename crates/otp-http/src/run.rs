use std::any::Any;
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::{Either, select};
use futures::pin_mut;
use otp_behaviour::{Ack, BehaviourContext, Mail, Mode, Parent, Signal, StartError, Systemic, trace_state};
use otp_core::runtime::Instant;
use otp_core::runtime::net::{AcceptError, Listener, NetAddr, Stream};
use otp_core::{ExitReason, Pid, Process, ProcessContext, ProcessRef};

use crate::connection::{Drain, Shared, connect};
use crate::error::StartHttpError;
use crate::server::Http;

/// The code of the server's process: accepts, and knows its connections.
pub(crate) async fn run(
    ctx: ProcessContext<()>,
    parent: Parent,
    ack: Ack,
    http: Http,
    bound: Arc<OnceLock<NetAddr>>,
) -> ExitReason {
    let listener = match listen(&ctx, &http).await {
        Ok(listener) => listener,
        Err(error) => {
            let reason = ExitReason::from(error);
            return ack.failed(StartError::failed(reason.clone()), reason).await;
        }
    };
    if let Ok(address) = listener.local() {
        let _ = bound.set(address);
    }
    ack.started();
    let shared = Arc::new(Shared::new(ctx.system(), http.handler, http.limits));
    let connections = Connections { running: HashMap::new(), pause: None };
    Server { ctx, parent, mode: Mode::Running, listener, shared, connections }.until_it_stops().await
}

async fn listen(ctx: &Process, http: &Http) -> Result<Listener, StartHttpError> {
    let address = http.allowed_address()?;
    Ok(ctx.system().net()?.listen(address).replace_stale().await?)
}

struct Server {
    ctx: ProcessContext<()>,
    parent: Parent,
    mode: Mode,
    listener: Listener,
    shared: Arc<Shared>,
    connections: Connections,
}

/// The state that `sys` sees.
struct Connections {
    running: HashMap<Pid, ProcessRef<Drain>>,
    /// Until then nobody is accepted, after an error.
    pause: Option<Instant>,
}

enum Next {
    Client(Result<Stream, AcceptError>),
    Mail(Mail<()>),
    PauseOver,
}

impl Server {
    async fn until_it_stops(mut self) -> ExitReason {
        loop {
            match self.next().await {
                Next::Client(Ok(stream)) => {
                    let process = connect(&self.ctx, stream, self.shared.clone());
                    self.connections.running.insert(process.pid(), process);
                }
                Next::Client(Err(error)) => {
                    tracing::warn!(target: "otp::http", %error, "no client can be accepted now");
                    self.connections.pause = Some(self.ctx.system().now() + PAUSE);
                }
                Next::PauseOver => self.connections.pause = None,
                Next::Mail(Mail::Message(())) => {}
                Next::Mail(Mail::Signal(signal)) => match *signal {
                    Signal::Exit(exit) if self.parent.sent(&exit) => return self.drain(exit.reason).await,
                    Signal::Exit(exit) => drop(self.connections.running.remove(&exit.from)),
                    Signal::Stop(stop) => return self.drain(stop.reason).await,
                    Signal::System(request) => request.serve(&mut self),
                    _ => {}
                },
            }
            if self.ctx.settle_tokens() {
                trace_state(&self);
            }
        }
    }

    async fn next(&mut self) -> Next {
        let Server { ctx, parent, mode, listener, connections, shared } = self;
        let (parent, mode, pause) = (*parent, *mode, connections.pause);
        let has_room = mode == Mode::Running && connections.running.len() < shared.limits.connections;
        let system = ctx.system().clone();
        let mail = ctx.receive_mail(|message| parent.admits(mode, &message));
        let client = async {
            match pause {
                Some(until) => {
                    system.sleep_until(until).await;
                    Next::PauseOver
                }
                None if has_room => Next::Client(listener.accept().await),
                None => pending().await,
            }
        };
        pin_mut!(mail, client);
        // Mail first: a server that is busy with clients can be stopped.
        match select(mail, client).await {
            Either::Left((mail, _)) => Next::Mail(mail),
            Either::Right((client, _)) => client,
        }
    }

    /// Lets running requests finish; ends what does not.
    async fn drain(self, reason: ExitReason) -> ExitReason {
        let Server { mut ctx, listener, mut connections, shared, .. } = self;
        drop(listener);
        // A connection that ends meanwhile has nothing to finish.
        connections.running.values().for_each(|connection| drop(connection.try_send(Drain)));
        let system = ctx.system().clone();
        let all_ended = async {
            while !connections.running.is_empty() {
                let mail = ctx.receive_mail(|_| true).await;
                if let Mail::Signal(signal) = mail
                    && let Signal::Exit(exit) = *signal
                {
                    connections.running.remove(&exit.from);
                }
            }
        };
        if system.timeout(shared.limits.stop_time, all_ended).await.is_err() {
            let left = connections.running.len();
            tracing::warn!(target: "otp::http", left, "connections were closed that did not end in time");
        }
        // The link ends none of them, if the reason is `Normal`.
        connections.running.keys().for_each(|connection| system.exit(*connection, ExitReason::Kill));
        reason
    }
}

impl Systemic for Server {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn state(&mut self) -> Option<&mut dyn Any> {
        None
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{} of {} connections", self.connections.running.len(), self.shared.limits.connections))
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }
}

/// How long nobody is accepted after an error, which is for lack of file descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);
