//! `web-sessions`: reads its configuration, and runs the application until it is told to stop.

#![forbid(unsafe_code)]

use std::io;
use std::process::{ExitCode, Termination};

use otp::application::{App, Service};
use web_sessions::app::WebSessions;
use web_sessions::options::{Backend, Options};

fn main() -> ExitCode {
    let config = Options::config();
    let backend = match config.read() {
        Ok(options) => options.backend,
        Err(error) => return error.report("web-sessions"),
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let service = Service::new(App::configured_by(WebSessions, config)).stop_within(WebSessions::LIMIT);
    let report = match backend {
        Backend::Tokio => otp::tokio::run_application(service),
        Backend::Smol => otp::smol::run_application(service),
    };
    report.report()
}
