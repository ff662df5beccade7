//! All of it, started and stopped.
//!
//! ```text
//! hot-reload    Supervisor, rest_for_one, 3 restarts a minute
//! ├ shards      Supervisor, one_for_one
//! │ └ shard-0 … the servers whose code is the plugin's
//! ├ clients     DynamicSupervisor, at most 1000
//! │ └ …         one process for each client, temporary
//! └ listener    accepts clients, has a process started for each
//! ```

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use otp::prelude::*;
use otp::runtime::net::{ListenError, Listener, NetAddr, NoNet};
use thiserror::Error;

use crate::args::Options;
use crate::service::{ReloadError, Service};
use crate::{client, listener};

const ROOT: SupervisorName = SupervisorName::new("hot-reload");
const CLIENTS: SupervisorName<Clients> = SupervisorName::new("clients");

/// A client's process is started for its address, and then sent the socket.
type Clients = fn(NetAddr) -> ProcessRef<otp::runtime::net::Stream>;

/// What the processes know.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) system: System,
    pub(crate) service: Service,
    pub(crate) clients: SupervisorRef<Clients>,
    /// From where the code is loaded, each time.
    pub(crate) plugin: PathBuf,
}

/// A server that serves.
#[derive(Debug)]
#[must_use = "await `until`"]
pub struct Server {
    system: System,
    address: NetAddr,
    root: SupervisorRef,
}

impl Server {
    /// How long an orderly stop may take; what has not ended then is killed.
    pub const LIMIT: Duration = Duration::from_secs(4);

    /// Loads the plugin, takes the port, and starts the supervision tree; ready when clients are served.
    ///
    /// # Errors
    ///
    /// If there is no such plugin, the port is taken, or a part did not start.
    pub async fn start(system: &System, options: Options) -> Result<Self, ServeError> {
        let library = Service::load(system, options.plugin.clone()).await?;
        let socket = system.net()?.listen((options.host, options.port)).await?;
        let address = socket.local().unwrap_or_else(|_| (options.host, options.port).into());
        let service = Service::new(system, options.shards, library);
        let shards = service.child();
        let serving = Arc::new(Serving {
            system: system.clone(),
            service,
            clients: SupervisorRef::named(system, CLIENTS),
            plugin: options.plugin,
        });
        let root = Supervisor::new(Strategy::RestForOne)
            .intensity(3, Duration::from_secs(60))
            .child(shards)
            .child(clients(serving.clone()))
            .child(listener_child(serving, Arc::new(socket)))
            .start(system)
            .name(ROOT)
            .await?;
        Ok(Self { system: system.clone(), address, root })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &NetAddr {
        &self.address
    }

    /// Serves until `stop` is ready, then stops in order.
    ///
    /// # Errors
    ///
    /// If the tree gave up by itself, or had to be killed in the end.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        match select(pin!(stop), self.root.exited()).await {
            Either::Left(_) => match self.system.shutdown(Self::LIMIT).await.killed().count() {
                0 => Ok(()),
                killed => Err(ServeError::Killed { killed }),
            },
            Either::Right((reason, _)) => Err(ServeError::GaveUp { reason }),
        }
    }
}

fn clients(serving: Arc<Serving>) -> ChildSpec<SupervisorRef<Clients>> {
    ChildSpec::supervisor(CLIENTS, move |root: Process| {
        DynamicSupervisor::template(move |peer| client::spec(serving.clone(), peer))
            .max_children(1000)
            .start_link(&root)
            .name(CLIENTS)
    })
}

fn listener_child(serving: Arc<Serving>, socket: Arc<Listener>) -> ChildSpec<ProcessRef<NoMessage>> {
    ChildSpec::worker("listener", async move |root: Process| {
        root.spawn_link(move |_: ProcessContext<NoMessage>| listener::run(serving, socket))
    })
}

/// Why a server cannot be, or ended otherwise than it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The plugin was not loaded.
    #[error(transparent)]
    Load(#[from] ReloadError),
    /// The system has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A part did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Restarting did not help: the tree ended.
    #[error("gave up after too many restarts ({reason})")]
    GaveUp {
        /// The reason of the tree's root.
        reason: ExitReason,
    },
    /// Some parts had not ended in time.
    #[error("{killed} processes had not stopped within {:?} and were killed", Server::LIMIT)]
    Killed {
        /// How many.
        killed: usize,
    },
}
