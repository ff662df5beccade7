//! The figures of the running system, for Prometheus.

use std::net::SocketAddr;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use otp::http::{Http, Request, Response, StatusCode};
use otp::prelude::*;
use otp::telemetry::Metrics;

/// The upper bounds of durations, in seconds: from what a call on the caller's thread takes to the default timeout of calls.
const SECONDS: [f64; 9] = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 1.0, 5.0];

/// How often the figures are made of what all processes do.
const LOOK: Duration = Duration::from_secs(1);

/// How often what histograms have collected is summed up, so that it takes no memory while nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Adds the children that collect the figures, and that answer `/metrics` on an address.
///
/// # Errors
///
/// If the exporter does not take its bounds.
pub(crate) fn add_to(tree: Supervisor, address: SocketAddr) -> Result<Supervisor, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?.build_recorder();
    let handle = recorder.handle();
    let page = {
        let handle = handle.clone();
        move |request: Request| {
            let page = match request.path() {
                "/metrics" => Response::new("text/plain; version=0.0.4; charset=utf-8", handle.render()),
                _ => StatusCode::NOT_FOUND.into(),
            };
            async move { page }
        }
    };
    Ok(tree
        .child(Metrics::new().recorder(recorder).interval(LOOK).supervised())
        .child(upkeep(handle))
        .child(Http::on(address, page).supervised("metrics-page")))
}

fn upkeep(handle: PrometheusHandle) -> ChildSpec<ProcessRef<NoMessage>> {
    ChildSpec::worker("metrics-upkeep", async move |kv: Process| {
        kv.spawn_link(async move |mut ctx: ProcessContext<NoMessage>| {
            loop {
                ctx.receive_timeout(UPKEEP).await;
                handle.run_upkeep();
            }
        })
    })
}
