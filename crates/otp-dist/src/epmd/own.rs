use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use otp_core::runtime::net::{Listener, Net};
use otp_core::{ExitReason, Message, Process, ProcessContext, ProcessRef, SpawnOptions};
use otp_supervisor::ChildSpec;

use super::conversation::{Host, converse};

/// The epmd that a node brings: a process that serves as one as soon as it gets a listener, which is when nothing else has
/// the port.
#[derive(Clone, Default)]
pub(crate) struct OwnEpmd(Arc<Mutex<Option<ProcessRef<Listener>>>>);

impl OwnEpmd {
    /// The process, which does nothing at first.
    pub(crate) fn child(&self) -> ChildSpec<ProcessRef<Listener>> {
        let spec = ChildSpec::worker("epmd", async move |supervisor: Process| {
            let options = SpawnOptions::new().link().label("epmd");
            supervisor.spawn_with(options, wait).expect("it asks for no name").process
        });
        let started = self.clone();
        spec.on_start(move |_, process: &ProcessRef<Listener>| started.set(process))
    }

    /// Becomes the epmd of this host, unless another program is it, or another node.
    pub(super) async fn serve_if_none(&self, net: &Net, port: u16) {
        match net.listen((IpAddr::from(Ipv4Addr::LOCALHOST), port)).await {
            Ok(listener) => {
                let process = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(process) = process {
                    // If it is being restarted, the port is free again, for the next attempt to register.
                    let _ = process.try_send(listener);
                }
            }
            Err(error) => tracing::debug!(target: "otp::dist", %error, "this node is not the epmd of its host"),
        }
    }

    fn set(&self, process: &ProcessRef<Listener>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(process.clone());
    }
}

/// How long to wait when nobody can be let in, for lack of file descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

async fn wait(mut ctx: ProcessContext<Listener>) -> ExitReason {
    loop {
        if let Message::User(listener) = ctx.receive().await {
            return serve(&ctx, listener).await;
        }
    }
}

async fn serve(ctx: &ProcessContext<Listener>, listener: Listener) -> ExitReason {
    let port = listener.local().ok().and_then(|local| local.port()).unwrap_or_default();
    tracing::info!(target: "otp::dist", port, "this node is the epmd of its host");
    let host = Host::new(ctx.system(), port);
    loop {
        match listener.accept().await {
            Ok(stream) => {
                // One too many is closed at once.
                let Some(place) = host.begin() else { continue };
                let host = host.clone();
                ctx.spawn_link(async move |ctx: ProcessContext<()>| converse(ctx, host, stream, place).await);
            }
            Err(error) => {
                tracing::warn!(target: "otp::dist", %error, "epmd can accept no connection");
                ctx.system().sleep(PAUSE).await;
            }
        }
    }
}
