use std::fmt;
use std::sync::Arc;

use otp_core::runtime::net::NetAddr;
use otp_http::{Http, HttpServer, Limits, Method, Request, Response, StatusCode};
use otp_supervisor::{ChildOf, ChildSpec, Dynamic, Static};

use crate::Health;

/// Answers `/livez` and `/readyz` over HTTP: a child for a tree. With the feature `http`.
///
/// Put it first among the children, so that it stops last, and answers while the others start and stop. It listens on
/// loopback, unless it is told [otherwise](HealthEndpoint::beyond_loopback); it is one [`Http`] server, whose limits are
/// small, as few ask. Other paths are not found, and other methods than `GET` and `HEAD` are not allowed.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::health::{Check, Health, HealthEndpoint};
/// use otp::prelude::*;
///
/// let health = Health::new().live(Check::nothing_stuck());
/// let tree = Supervisor::new(Strategy::OneForOne).child(HealthEndpoint::on("127.0.0.1:0").health(health));
/// assert!(tree.start(&system).await.is_ok());
/// # }).unwrap();
/// ```
#[must_use]
pub struct HealthEndpoint {
    address: Result<NetAddr, String>,
    health: Health,
    beyond_loopback: bool,
}

/// The endpoint allows so many connections. Who asks again and again keeps one open.
const CONNECTIONS: usize = 32;

impl HealthEndpoint {
    /// Makes an endpoint on an address, such as `"127.0.0.1:8081"`, of a service without checks.
    pub fn on<A: TryInto<NetAddr, Error: fmt::Display>>(address: A) -> HealthEndpoint {
        let address = address.try_into().map_err(|error| error.to_string());
        HealthEndpoint { address, health: Health::new(), beyond_loopback: false }
    }

    /// Answers with this health.
    pub fn health(mut self, health: Health) -> HealthEndpoint {
        self.health = health;
        self
    }

    /// Allows an address that other machines can reach, as an orchestrator needs it. They see the names of the checks,
    /// and why these fail.
    pub fn beyond_loopback(mut self) -> HealthEndpoint {
        self.beyond_loopback = true;
        self
    }

    /// Makes the spec of the endpoint as a child of a supervisor, with the id `health`.
    pub fn supervised(self) -> ChildSpec<HttpServer> {
        let health = Arc::new(self.health);
        let answer = move |request: Request| {
            let health = health.clone();
            async move { answer(&health, &request).await }
        };
        // A text that is no address lets the start fail.
        let http = Http::on(Given(self.address), answer).limits(Limits::new().connections(CONNECTIONS));
        if self.beyond_loopback { http.beyond_loopback() } else { http }.supervised("health")
    }
}

async fn answer(health: &Health, request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into();
    }
    match health.answer(request.system(), request.path()).await {
        Some(answer) => Response::json(answer.body).status(match answer.status {
            200 => StatusCode::OK,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }),
        None => StatusCode::NOT_FOUND.into(),
    }
}

impl ChildOf<Static> for HealthEndpoint {
    type Started = HttpServer;

    fn into_child(self) -> ChildSpec {
        self.supervised().untyped()
    }
}

impl ChildOf<Dynamic> for HealthEndpoint {
    type Started = HttpServer;

    fn into_child(self) -> ChildSpec {
        self.supervised().untyped()
    }
}

impl fmt::Debug for HealthEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthEndpoint")
            .field("address", &self.address)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

struct Given(Result<NetAddr, String>);

impl TryFrom<Given> for NetAddr {
    type Error = String;

    fn try_from(given: Given) -> Result<NetAddr, String> {
        given.0
    }
}
