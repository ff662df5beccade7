//! The service: the tree, and what its pages answer.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use otp::http::{Http, HttpServer, Limits, Request, Response, StatusCode};
use otp::prelude::*;
use otp::supervisor::SupervisorName;
use otp::telemetry::Metrics;

use crate::exporter;
use crate::till::{TILL, Till, TillClient as _};

/// The root of the tree.
pub const SHOP: SupervisorName = SupervisorName::new("shop");

/// The tree of the service. The metrics are its first child, so that they see all others start.
pub fn tree(recorder: &PrometheusHandle) -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
        .intensity(10, Duration::from_secs(10))
        .child(Metrics::new().interval(Duration::from_secs(1)).supervised())
        .child(exporter::upkeep(recorder.clone()))
        .child(Till::child(()).name(TILL))
}

/// The spec of the pages, which are behind the rest.
pub fn pages(recorder: &PrometheusHandle, port: u16) -> ChildSpec<HttpServer> {
    let recorder = recorder.clone();
    let answer = move |request: Request| {
        let recorder = recorder.clone();
        async move { page(&request, &recorder).await }
    };
    let limits = Limits::new().requests_per_second(100_000);
    Http::on(format!("127.0.0.1:{port}"), answer).limits(limits).supervised("pages")
}

async fn page(request: &Request, recorder: &PrometheusHandle) -> Response {
    let till = ServerRef::named(request.system(), TILL);
    let answer = match request.path() {
        "/metrics" => return exporter::page(recorder),
        "/take" => till.take(350).await,
        "/drown" => till.drown().await.map(|()| 0),
        _ => return StatusCode::NOT_FOUND.into(),
    };
    match answer {
        Ok(taken) => Response::text(format!("{taken}\n")),
        Err(error) => Response::text(format!("{error}\n")).status(StatusCode::SERVICE_UNAVAILABLE),
    }
}
