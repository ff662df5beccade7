//! `kv-store`: reads its configuration, and runs the application until it is told to stop.

#![forbid(unsafe_code)]

use std::io;
use std::process::{ExitCode, Termination};

use kv_store::app::KvStore;
use kv_store::options::Options;
use otp::application::{App, Service};

/// What the server can run on; the first one unless another is asked for.
const BACKENDS: [&str; 2] = ["tokio", "smol"];

fn main() -> ExitCode {
    let config = Options::config(&BACKENDS);
    let backend = match config.read() {
        Ok(options) => options.backend,
        Err(error) => return error.report("kv-store"),
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let service = Service::new(App::configured_by(KvStore, config)).stop_within(KvStore::LIMIT);
    let report = match &*backend {
        "smol" => otp::smol::run_application(service),
        _ => otp::tokio::run_application(service),
    };
    report.report()
}
