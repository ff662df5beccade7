//! `chat`: reads the command line, and runs the application until it is told to stop.

#![forbid(unsafe_code)]

use std::io;
use std::process::{ExitCode, Termination};

use chat::args::{Invocation, help};
use chat::serve::Chat;
use otp::application::{App, Service};

/// What the server can run on; the first one unless another is asked for.
const BACKENDS: [&str; 2] = ["tokio", "smol"];

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let (backend, options) = match Invocation::parse(&BACKENDS, std::env::args_os().skip(1)) {
        Ok(Invocation::Serve(backend, options)) => (backend, options),
        Ok(Invocation::Help) => {
            print!("{}", help(&BACKENDS));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("chat: {error}\nTry 'chat --help'.");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let service = Service::new(App::with_config(Chat, options)).stop_within(Chat::LIMIT);
    let report = match backend {
        "smol" => otp::smol::run_application(service),
        _ => otp::tokio::run_application(service),
    };
    report.report()
}
