//! All of it, as an application.
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
use std::sync::Arc;
use std::time::Duration;

use otp::application::{AppContext, AppSpec, Application, Top};
use otp::prelude::*;
use otp::runtime::net::{Listener, NetAddr};

use crate::args::Options;
use crate::service::Service;
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

/// The application `hot-reload`.
#[derive(Clone, Copy, Debug)]
pub struct HotReload;

impl HotReload {
    /// How long an orderly stop may take; what has not ended then is killed.
    pub const LIMIT: Duration = Duration::from_secs(4);
}

impl Application for HotReload {
    type State = ();
    type Config = Options;

    fn spec(&self) -> AppSpec {
        AppSpec::new("hot-reload").description("a server whose code is a plugin").version(env!("CARGO_PKG_VERSION"))
    }

    /// Loads the plugin, takes the port, and starts the supervision tree; ready when clients are served.
    #[allow(
        clippy::print_stdout,
        reason = "whoever started the server waits for this line, and may read the port off it"
    )]
    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        let (system, options) = (ctx.system(), ctx.config());
        let library = Service::load(system, options.plugin.clone()).await?;
        let socket = system.net()?.listen((options.host, options.port)).await?;
        let address = socket.local().unwrap_or_else(|_| (options.host, options.port).into());
        let service = Service::new(system, options.shards, library);
        let shards = service.child();
        let serving = Arc::new(Serving {
            system: system.clone(),
            service,
            clients: SupervisorRef::named(system, CLIENTS),
            plugin: options.plugin.clone(),
        });
        let root = Supervisor::new(Strategy::RestForOne)
            .intensity(3, Duration::from_secs(60))
            .child(shards)
            .child(clients(serving.clone()))
            .child(listener_child(serving, Arc::new(socket)))
            .start_link(ctx)
            .name(ROOT)
            .await?;
        println!("hot-reload is ready on {address}");
        Ok(Top::new(root))
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
