//! A server as a whole, and as an application.

use std::sync::Arc;
use std::time::Duration;

use otp::application::{AppContext, AppSpec, Application, Top};
use otp::prelude::*;
use otp::process::Spawner;
use otp::runtime::net::{ListenError, NetAddr, NoNet};
use otp::supervisor::SupervisorRef;
use thiserror::Error;

use crate::args::Options;
use crate::tree::{self, Tree};

/// The application `chat`.
#[derive(Clone, Copy, Debug)]
pub struct Chat;

impl Chat {
    /// How long an orderly stop may take; what has not ended then is killed.
    pub const LIMIT: Duration = Duration::from_secs(4);
}

impl Application for Chat {
    type State = ();
    type Config = Options;

    fn spec(&self) -> AppSpec {
        AppSpec::new("chat").description("rooms over TCP").version(env!("CARGO_PKG_VERSION"))
    }

    #[allow(
        clippy::print_stdout,
        reason = "whoever started the server waits for this line, and may read the port off it"
    )]
    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        let server = Server::start(ctx, Options::clone(ctx.config())).await?;
        println!("chat is ready on {}", server.address());
        Ok(Top::new(server.root))
    }
}

/// A server that serves.
#[derive(Debug)]
pub struct Server {
    address: NetAddr,
    root: SupervisorRef,
}

impl Server {
    /// Takes the port and starts the supervision tree; ready when clients are served.
    ///
    /// # Errors
    ///
    /// If the port is taken, or a part did not start.
    pub async fn start(on: &impl Spawner, options: Options) -> Result<Self, ServeError> {
        let system = on.system();
        let listener = system.net()?.listen((options.host, options.port)).await?;
        let address = listener.local().unwrap_or_else(|_| (options.host, options.port).into());
        let root = tree::start(Arc::new(Tree::new(system, options)), on, Arc::new(listener)).await?;
        Ok(Self { address, root })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &NetAddr {
        &self.address
    }
}

/// Why a server cannot be.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The system has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// The address cannot be listened on: another program does, most likely.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A part did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}
