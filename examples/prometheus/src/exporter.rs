//! The exporter: what Prometheus reads.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use otp::http::Response;
use otp::supervisor::ChildSpec;
use otp::{Process, ProcessContext, ProcessRef};

/// The upper bounds of durations, in seconds: from what a call on the caller's thread takes to the default timeout of calls.
const SECONDS: [f64; 13] = [1e-7, 1e-6, 5e-6, 25e-6, 1e-4, 5e-4, 25e-4, 0.01, 0.05, 0.25, 1.0, 2.5, 5.0];

/// Installs the recorder of the program. The exporter's own HTTP server and thread are not used.
///
/// # Errors
///
/// If there is a recorder already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()
}

/// What is told to a scrape.
pub fn page(recorder: &PrometheusHandle) -> Response {
    Response::new("text/plain; version=0.0.4; charset=utf-8", recorder.render())
}

/// Makes the spec of a child that has the recorder sum up its histograms, so that they take no memory while nobody scrapes.
pub fn upkeep(recorder: PrometheusHandle) -> ChildSpec<ProcessRef<()>> {
    ChildSpec::worker("upkeep", async move |supervisor: Process| {
        let recorder = recorder.clone();
        supervisor.spawn_link(async move |mut ctx: ProcessContext<()>| {
            loop {
                ctx.receive_timeout(Duration::from_secs(5)).await;
                recorder.run_upkeep();
            }
        })
    })
}
