use std::fmt;
use std::sync::Arc;

use otp_behaviour::StartError;
use otp_core::runtime::net::NetAddr;
use otp_core::{ExitReason, Label, Process, Spawner};
use otp_http::{Http, HttpServer, Limits};
use otp_supervisor::{ChildOf, ChildSpec, Dynamic, Static};

use crate::eyes::Eyes;
use crate::guard::Guard;
use crate::incidents::Incidents;
use crate::routes::answer;

/// Serves a live page of the system on an address: the child of a supervisor, or started alone.
///
/// As a child it has the id `observer`, is permanent, and starts before its start returns; see [`Http`] for its life. A
/// restart keeps the crashes that were recorded; the history of the plots and running traces end with the observer. See the
/// [crate](crate) for what it shows.
///
/// ```
/// use otp::observer::Observer;
/// use otp::prelude::*;
///
/// let observer = Observer::on("127.0.0.1:9911").writable("a secret of at least sixteen bytes");
/// let tree = Supervisor::new(Strategy::OneForOne).child(observer);
/// # drop(tree);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Observer {
    address: Result<NetAddr, String>,
    beyond_loopback: bool,
    guard: Guard,
    crashes: usize,
}

/// The error of starting an [`Observer`], beside those of its server; the start fails with it as its exit reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartObserverError {
    /// The address is not one.
    #[error("the observer was not started: {0}")]
    Address(String),
    /// The token could be guessed.
    #[error("the observer was not started: its token has less than {least} bytes")]
    #[non_exhaustive]
    WeakToken {
        /// The least number of bytes.
        least: usize,
    },
}

impl Observer {
    /// Makes an observer that listens on an address of this machine, such as `"127.0.0.1:9911"`. A text that is no address
    /// lets the start fail.
    pub fn on<A>(address: A) -> Observer
    where
        A: TryInto<NetAddr, Error: fmt::Display>,
    {
        Observer {
            address: address.try_into().map_err(|error| error.to_string()),
            beyond_loopback: false,
            guard: Guard::default(),
            crashes: 100,
        }
    }

    /// Lets those who know the token trace, suspend, resume and kill processes. The page asks for it. A token has at least
    /// 16 bytes; make it of a random source, and keep it out of the code.
    pub fn writable(mut self, token: impl Into<String>) -> Observer {
        self.guard.token = Some(token.into().into());
        self
    }

    /// Allows an address that other machines can reach, as [`Http::beyond_loopback`] does. Whoever reaches it sees the
    /// system, without encryption: put a proxy with both in front of it, and name its host with [`host`](Observer::host).
    pub fn beyond_loopback(mut self) -> Observer {
        self.beyond_loopback = true;
        self.guard.any_address = true;
        self
    }

    /// Allows requests to a host of this name, with any port, beside `localhost` and addresses of loopback: the name of a
    /// proxy.
    pub fn host(mut self, name: impl Into<String>) -> Observer {
        self.guard.hosts.push(name.into().to_ascii_lowercase());
        self
    }

    /// Sets how many crashes are kept; by default the last 100. Each takes up to 8 KiB, of which the state of
    /// the server that crashed is the half.
    pub fn crashes(mut self, last: usize) -> Observer {
        self.crashes = last;
        self
    }

    /// Makes the spec of the observer as a child of a supervisor; passing the observer itself does the same.
    pub fn supervised(self) -> ChildSpec<HttpServer> {
        ChildSpec::worker(Label::from_static("observer"), async move |supervisor: Process| {
            self.start_link(&supervisor).await
        })
    }

    /// Starts the observer, linked to the process that starts it.
    ///
    /// # Errors
    ///
    /// [`StartError::Failed`] with a [`StartObserverError`] or a [`StartHttpError`](otp_http::StartHttpError) as its reason.
    pub async fn start_link(self, on: &impl Spawner) -> Result<HttpServer, StartError> {
        self.http(on)?.start_link(on).await
    }

    /// Starts the observer, without a link.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Observer::start_link).
    pub async fn start(self, on: &impl Spawner) -> Result<HttpServer, StartError> {
        self.http(on)?.start(on).await
    }

    fn http(self, on: &impl Spawner) -> Result<Http, StartError> {
        let address = self.address.map_err(|error| failed(StartObserverError::Address(error)))?;
        if self.guard.token.as_ref().is_some_and(|token| token.len() < Guard::LEAST) {
            return Err(failed(StartObserverError::WeakToken { least: Guard::LEAST }));
        }
        let system = on.system().clone();
        let incidents = Incidents::record(&system, self.crashes);
        let eyes = Arc::new(Eyes::new(system, self.guard, incidents));
        let http = Http::on(address, move |request| answer(eyes.clone(), request)).limits(limits());
        Ok(if self.beyond_loopback { http.beyond_loopback() } else { http })
    }
}

fn failed(error: StartObserverError) -> StartError {
    StartError::failed(ExitReason::from(error))
}

fn limits() -> Limits {
    Limits::new().connections(48).requests_per_second(200)
}

impl ChildOf<Static> for Observer {
    type Started = HttpServer;

    fn into_child(self) -> ChildSpec {
        self.supervised().untyped()
    }
}

impl ChildOf<Dynamic> for Observer {
    type Started = HttpServer;

    fn into_child(self) -> ChildSpec {
        self.supervised().untyped()
    }
}

/// Without the token.
impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("address", &self.address)
            .field("writable", &self.guard.token.is_some())
            .finish_non_exhaustive()
    }
}
