use std::sync::{Arc, Mutex, PoisonError};

use otp_core::runtime::net::Stream;
use otp_core::{Process, ProcessContext, SpawnOptions};
use otp_supervisor::{ChildSpec, Dynamic, DynamicSupervisor, Restart, Strategy, Supervisor, SupervisorRef};

use super::attempt::Attempt;
use super::config::{Config, Ports};
use super::kernel::start_kernel;
use super::shared::Shared;
use crate::conn::{self, InHandshake};
use crate::epmd::OwnEpmd;

/// The supervisor of the connections, once it runs.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<Option<SupervisorRef<Dynamic>>>>);

/// What a process for a connection begins with.
pub(super) enum Job {
    Dial(Attempt),
    Serve(Stream, InHandshake),
}

impl Connections {
    fn set(&self, supervisor: &SupervisorRef<Dynamic>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(supervisor.clone());
    }

    /// Starts a process for a connection; drops the job if the node ends. The process is not restarted: who needs the
    /// connection makes another one.
    pub(super) async fn start(&self, node: &Arc<Shared>, job: Job) {
        let supervisor = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(supervisor) = supervisor else { return };
        let (node, begun) = (node.clone(), Arc::new(Mutex::new(Some(job))));
        let spec = ChildSpec::worker("connection", async move |supervisor: Process| {
            let job = begun.lock().unwrap_or_else(PoisonError::into_inner).take();
            let label = match &job {
                Some(Job::Dial(attempt)) => format!("connection to {}", attempt.peer.name),
                _ => "accepted connection".to_owned(),
            };
            let run = async move |ctx: ProcessContext<()>| match job {
                Some(Job::Dial(attempt)) => conn::dial(ctx, node, attempt).await,
                Some(Job::Serve(stream, place)) => conn::serve(ctx, node, stream, place).await,
                None => otp_core::ExitReason::Normal,
            };
            let options = SpawnOptions::new().link().label(label);
            supervisor.spawn_with(options, run).expect("it asks for no name").process
        });
        // A process that was not started drops its job.
        let _ = supervisor.start_child(spec.restart(Restart::Temporary)).await;
    }
}

/// The tree of a node. With an epmd of its own, that is beside it: if the one crashes, the other goes on.
pub(super) fn tree(config: Config) -> Supervisor {
    if !config.start_epmd || matches!(config.ports, Ports::Fixed(_)) {
        return node(config, None);
    }
    let epmd = OwnEpmd::default();
    let own = epmd.child();
    let node = ChildSpec::supervisor("node", async move |supervisor: Process| {
        node(config, Some(epmd)).start_link(&supervisor).await
    });
    Supervisor::new(Strategy::OneForOne).child(own).child(node)
}

/// The process that holds a node together, and its connections, which end with it.
fn node(config: Config, epmd: Option<OwnEpmd>) -> Supervisor {
    #[cfg(feature = "groups")]
    let shares: Vec<_> = config.shares.iter().map(crate::groups::Share::child).collect();
    let connections = Connections::default();
    let of_kernel = connections.clone();
    let kernel = ChildSpec::worker("net_kernel", async move |supervisor: Process| {
        start_kernel(supervisor, config, epmd, of_kernel).await
    });
    let supervisor = ChildSpec::supervisor("connections", async move |supervisor: Process| {
        DynamicSupervisor::new().start_link(&supervisor).await
    });
    let supervisor = supervisor.on_start(move |_, started: &SupervisorRef<Dynamic>| connections.set(started));
    let tree = Supervisor::new(Strategy::RestForOne).child(kernel).child(supervisor);
    #[cfg(feature = "groups")]
    let tree = shares.into_iter().fold(tree, Supervisor::child);
    tree
}
