//! `kv-store`: reads the command line, and runs the server until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::process::ExitCode;

use kv_store::args::{Invocation, Options, help};
use kv_store::serve::Server;
use kv_store::signals::Signals;
use otp::System;

/// What the server can run on; the first one unless another is asked for.
const BACKENDS: [&str; 2] = ["tokio", "smol"];

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let options = match Invocation::parse(&BACKENDS, std::env::args_os().skip(1)) {
        Ok(Invocation::Serve(options)) => options,
        Ok(Invocation::Help) => {
            print!("{}", help(&BACKENDS));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("kv-store: {error}\nTry 'kv-store --help'.");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    match serve(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kv-store: {}", causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let signals = Signals::listen()?;
    match options.backend {
        "smol" => otp::smol::run(async |system| run(system, options, signals).await),
        _ => otp::tokio::run(async |system| run(system, options, signals).await),
    }
}

#[allow(clippy::print_stdout, reason = "whoever started the server waits for this line, and may read the port off it")]
async fn run(system: System, options: Options, signals: Signals) -> Result<(), Box<dyn Error>> {
    let server = Server::open(&system, options).await?;
    let address = server.address().clone();
    let server = server.start(&system).await?;
    println!("kv-store is ready on {address}");
    Ok(server.until(signals.received()).await?)
}

/// An error and what is behind it, in one line.
fn causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
