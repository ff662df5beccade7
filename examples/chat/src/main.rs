//! `chat`: reads the command line, and runs the server until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::process::ExitCode;

use chat::args::{Invocation, Options, help};
use chat::serve::Server;
use chat::signals::Signals;
use otp::System;

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
    match serve(backend, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(backend: &str, options: Options) -> Result<(), Box<dyn Error>> {
    let signals = Signals::listen()?;
    match backend {
        "smol" => otp::smol::run(async |system| run(system, options, signals).await),
        _ => otp::tokio::run(async |system| run(system, options, signals).await),
    }
}

#[allow(clippy::print_stdout, reason = "whoever started the server waits for this line, and may read the port off it")]
async fn run(system: System, options: Options, signals: Signals) -> Result<(), Box<dyn Error>> {
    let server = Server::start(&system, options).await?;
    println!("chat is ready on {}", server.address());
    Ok(server.until(signals.received()).await?)
}
