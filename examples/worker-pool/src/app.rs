//! The service as an application: started, drained, stopped.

#![allow(clippy::disallowed_types, reason = "this takes the port for axum")]

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use otp::application::{AppContext, AppSpec, Application, Top};
use otp::prelude::*;

use crate::args::Options;
use crate::service::{Report, Service};
use crate::{http, tree};

/// The application `worker-pool`.
#[derive(Clone, Debug)]
pub struct WorkerPool(Options);

/// What the running service has beside its tree.
#[derive(Debug)]
pub struct Serving {
    service: Service,
    /// What became of the jobs, once that is known.
    report: Option<Report>,
}

impl WorkerPool {
    /// How long the parts have to end once the jobs are done, or their time is over.
    pub const SHUTDOWN: Duration = Duration::from_secs(3);

    /// The application with these options.
    #[must_use]
    pub fn new(options: Options) -> Self {
        WorkerPool(options)
    }
}

impl Application for WorkerPool {
    type State = Serving;
    type Config = ();

    fn spec(&self) -> AppSpec {
        AppSpec::new("worker-pool").description("jobs over HTTP").version(env!("CARGO_PKG_VERSION"))
    }

    #[allow(
        clippy::print_stdout,
        reason = "whoever started the service waits for this line, and may read the port off it"
    )]
    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Serving>, ExitReason> {
        let WorkerPool(options) = self;
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let service = Service::new(ctx.system(), options.limits.clone());
        let http = http::child(service.clone(), socket, options.connections);
        let top = service.tree().child(http).start_link(ctx).name(tree::ROOT).await?;
        println!("worker-pool is ready on {address}");
        Ok(Top::with_state(top, Serving { service, report: None }))
    }

    /// Takes no more jobs, and finishes those that it has. Clients are answered meanwhile.
    async fn prep_stop(&self, serving: &mut Serving, _: &AppContext<Self>) {
        serving.service.drain(self.0.drain).await;
        match serving.service.report().await {
            Ok(report) => serving.report = Some(report),
            Err(error) => tracing::error!(%error, "cannot tell what became of the jobs"),
        }
    }

    #[allow(clippy::print_stdout, reason = "this is what the program is asked for")]
    async fn stop(&self, serving: Serving, _: &AppContext<Self>) {
        if let Some(report) = serving.report {
            println!("{}", serde_json::to_string(&report).expect("numbers and texts are JSON"));
        }
    }
}
