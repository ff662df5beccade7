use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{StartError, StartOptions, short_name, start};
use otp_core::runtime::net::NetAddr;
use otp_core::{ExitReason, Label, Process, Spawner};
use otp_supervisor::ChildSpec;

use crate::error::StartHttpError;
use crate::handle::HttpServer;
use crate::limits::Limits;
use crate::request::Request;
use crate::response::Response;
use crate::run::run;

/// Serves HTTP/1 on an address, with a handler: the spec of a server. It is started as a child of a supervisor, or alone.
///
/// The server listens before its start returns, and fails to start if it cannot: the start's error has a
/// [`StartHttpError`] as its reason. When it is asked to stop it accepts nobody any more, ends its streams, and lets
/// running requests finish within [`Limits::stop_time`]. When it ends, for whatever reason, its connections end. A client
/// that tries to connect while a supervisor restarts it is refused.
///
/// See the [crate](crate) for an example.
#[derive(Clone)]
#[must_use]
pub struct Http {
    pub(crate) address: Result<NetAddr, String>,
    pub(crate) beyond_loopback: bool,
    pub(crate) limits: Limits,
    pub(crate) handler: Handler,
}

pub(crate) type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

impl Http {
    /// Makes a server that listens on an address, such as `"127.0.0.1:8080"`, `([127, 0, 0, 1], 0)` or
    /// `"unix:/run/app.sock"`, and answers each request with `handler`.
    ///
    /// Handlers of different connections run at the same time, and those of one connection one after the other.
    ///
    /// A text that is no address lets the start fail.
    pub fn on<A, H, F>(address: A, handler: H) -> Http
    where
        A: TryInto<NetAddr, Error: fmt::Display>,
        H: Fn(Request) -> F + Send + Sync + 'static,
        F: Future<Output: Into<Response>> + Send + 'static,
    {
        Http {
            address: address.try_into().map_err(|error| error.to_string()),
            beyond_loopback: false,
            limits: Limits::new(),
            handler: Arc::new(move |request| {
                let answer = handler(request);
                async move { answer.await.into() }.boxed()
            }),
        }
    }

    /// Allows an address that other machines can reach. Without this the start fails there: whoever reaches the server
    /// is answered, without encryption.
    pub fn beyond_loopback(mut self) -> Http {
        self.beyond_loopback = true;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Http {
        self.limits = limits;
        self
    }

    /// Makes the spec of the server as a child of a supervisor. By default it is permanent.
    pub fn supervised(self, id: impl Into<Label>) -> ChildSpec<HttpServer> {
        ChildSpec::worker(id, async move |supervisor: Process| self.start_link(&supervisor).await)
    }

    /// Starts the server, linked to the process that starts it.
    ///
    /// # Errors
    ///
    /// [`StartError::Failed`] with a [`StartHttpError`] as its reason.
    pub async fn start_link(self, on: &impl Spawner) -> Result<HttpServer, StartError> {
        self.start_as(on, true).await
    }

    /// Starts the server, without a link.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Http::start_link).
    pub async fn start(self, on: &impl Spawner) -> Result<HttpServer, StartError> {
        self.start_as(on, false).await
    }

    async fn start_as(self, on: &impl Spawner, link: bool) -> Result<HttpServer, StartError> {
        let options = StartOptions::new(short_name::<Http>).trap_exit(true);
        let options = if link { options.link() } else { options };
        let options = match &self.address {
            Ok(address) => options.label(format!("http {address}")),
            Err(_) => options,
        };
        let (bound, binds) = (Arc::new(OnceLock::new()), self.address.clone());
        let binding = bound.clone();
        let started = start(on, options, move |ctx, parent, ack| run(ctx, parent, ack, self, binding)).await?;
        let address = bound
            .get()
            .cloned()
            .or(binds.ok())
            .ok_or_else(|| StartError::failed(ExitReason::crash("it has no address")))?;
        Ok(HttpServer { process: started.process, address })
    }

    /// The address, if the server may listen there.
    pub(crate) fn allowed_address(&self) -> Result<NetAddr, StartHttpError> {
        let address = self.address.clone().map_err(StartHttpError::Address)?;
        let is_near = address.tcp().is_none_or(|tcp| tcp.ip().to_canonical().is_loopback());
        if is_near || self.beyond_loopback { Ok(address) } else { Err(StartHttpError::NotLoopback(address)) }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("address", &self.address).field("limits", &self.limits).finish_non_exhaustive()
    }
}
