//! The service as an application.
//!
//! ```text
//! web-sessions     Supervisor, rest_for_one
//! ├ health         /livez and /readyz, if they are asked for
//! ├ index          Registry: the sessions by token
//! ├ sessions       DynamicSupervisor, at most --limit
//! │ └ …            a server for each session, temporary
//! ├ connections    DynamicSupervisor, with hyper
//! │ └ …            a process for each client, temporary
//! └ shell          axum, or the acceptor of hyper
//! ```

#![allow(clippy::disallowed_types, reason = "the sockets of axum are those of tokio")]

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use otp::application::{AppContext, AppSpec, Application, Top};
use otp::health::{Check, Health, HealthEndpoint};
use otp::prelude::*;

use crate::options::{Backend, Options};
use crate::sessions::{SESSIONS, Sessions};
use crate::shell::{self, Tally};

/// The application `web-sessions`.
#[derive(Clone, Copy, Debug)]
pub struct WebSessions;

/// What the running service has beside its tree.
#[derive(Debug)]
pub struct Serving {
    health: Health,
    tally: Tally,
}

impl WebSessions {
    /// How long the service may take to stop.
    pub const LIMIT: Duration = Duration::from_secs(10);
}

impl Application for WebSessions {
    type State = Serving;
    type Config = Options;

    fn spec(&self) -> AppSpec {
        AppSpec::new("web-sessions").description("sessions over HTTP").version(env!("CARGO_PKG_VERSION"))
    }

    #[allow(
        clippy::print_stdout,
        reason = "whoever started the service waits for this line, and may read the port off it"
    )]
    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Serving>, ExitReason> {
        let (options, system) = (ctx.config().clone(), ctx.system());
        let (tally, patience) = (Tally::default(), Duration::from_secs(options.patience_secs));
        let sessions = Sessions::new(system, options.limit, Duration::from_secs(options.idle_secs));
        let health = Health::new().ready(Check::answers(SESSIONS));

        let tree = Supervisor::new(Strategy::RestForOne).intensity(10, Duration::from_secs(10));
        let tree = match options.health {
            Some(address) => tree.child(HealthEndpoint::on(address).health(health.clone())),
            None => tree,
        };
        let tree = sessions.add_to(tree);
        let (tree, address) = match options.backend {
            Backend::Tokio => {
                let socket = TcpListener::bind(options.address())?;
                socket.set_nonblocking(true)?;
                let address = socket.local_addr()?.to_string();
                (tree.child(shell::axum::child(sessions, Arc::new(socket), tally.clone(), patience)), address)
            }
            Backend::Smol => {
                let socket = system.net()?.listen(options.address()).await?;
                let address = socket.local()?.to_string();
                let limits = (options.connections, patience);
                (shell::hyper::add_to(tree, sessions, Arc::new(socket), tally.clone(), limits), address)
            }
        };
        let top = tree.start_link(ctx).await?;
        println!("web-sessions is ready on {address}");
        Ok(Top::with_state(top, Serving { health, tally }))
    }

    async fn prep_stop(&self, serving: &mut Serving, _: &AppContext<Self>) {
        serving.health.withdraw("the service stops");
    }

    #[allow(clippy::print_stdout, reason = "this is its report")]
    async fn stop(&self, serving: Serving, _: &AppContext<Self>) {
        println!("{}", serving.tally);
    }
}
