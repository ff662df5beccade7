use std::sync::{Arc, Mutex, PoisonError};

use otp_core::runtime::net::Stream;
use otp_core::{Process, ProcessContext};
use otp_supervisor::{ChildSpec, Dynamic, DynamicSupervisor, Restart, Strategy, Supervisor, SupervisorRef};

use super::config::Config;
use super::kernel::start_kernel;
use super::peer::PeerNode;
use super::shared::Shared;
use crate::conn::{self, InHandshake};

/// The supervisor of the connections, once it runs.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<Option<SupervisorRef<Dynamic>>>>);

/// What a process for a connection begins with.
pub(super) enum Job {
    Dial(Arc<PeerNode>, u64),
    Serve(Stream, InHandshake),
}

impl Connections {
    fn set(&self, supervisor: &SupervisorRef<Dynamic>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(supervisor.clone());
    }

    /// Starts a process for a connection. It is not restarted: who needs the connection makes another one.
    pub(super) async fn start(&self, node: &Arc<Shared>, job: Job) -> Result<(), Job> {
        let supervisor = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(supervisor) = supervisor else { return Err(job) };
        let (node, job) = (node.clone(), Arc::new(Mutex::new(Some(job))));
        let begun = job.clone();
        let spec = ChildSpec::worker("connection", async move |supervisor: Process| {
            let job = begun.lock().unwrap_or_else(PoisonError::into_inner).take();
            supervisor.spawn_link(async move |ctx: ProcessContext<()>| match job {
                Some(Job::Dial(peer, attempt)) => conn::dial(ctx, node, peer, attempt).await,
                Some(Job::Serve(stream, place)) => conn::serve(ctx, node, stream, place).await,
                None => otp_core::ExitReason::Normal,
            })
        });
        let started = supervisor.start_child(spec.restart(Restart::Temporary)).await;
        let left = job.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (started, left) {
            (Err(_), Some(job)) => Err(job),
            _ => Ok(()),
        }
    }
}

/// The tree of a node: the process that holds it together, and its connections, which end with it.
pub(super) fn tree(config: Config) -> Supervisor {
    let connections = Connections::default();
    let of_kernel = connections.clone();
    let kernel = ChildSpec::worker("net_kernel", async move |supervisor: Process| {
        start_kernel(supervisor, config, of_kernel).await
    });
    let supervisor = ChildSpec::supervisor("connections", async move |supervisor: Process| {
        DynamicSupervisor::new().start_link(&supervisor).await
    });
    let supervisor = supervisor.on_start(move |_, started: &SupervisorRef<Dynamic>| connections.set(started));
    Supervisor::new(Strategy::RestForOne).child(kernel).child(supervisor)
}
