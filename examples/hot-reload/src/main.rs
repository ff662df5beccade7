//! `hot-reload`: reads the command line, and runs the server until it is told to stop, or measures.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use hot_reload::args::{Invocation, Options, help};
use hot_reload::measure::{self, Load};
use hot_reload::serve::Server;
use hot_reload::signals::Signals;
use otp::System;

/// What the server can run on; the first one unless another is asked for.
const BACKENDS: [&str; 2] = ["tokio", "smol"];

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let invocation = match Invocation::parse(&BACKENDS, std::env::args_os().skip(1)) {
        Ok(Invocation::Help) => {
            print!("{}", help(&BACKENDS));
            return ExitCode::SUCCESS;
        }
        Ok(invocation) => invocation,
        Err(error) => {
            eprintln!("hot-reload: {error}\nTry 'hot-reload --help'.");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    match run(invocation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hot-reload: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(invocation: Invocation) -> Result<(), Box<dyn Error>> {
    match invocation {
        Invocation::Help => Ok(()),
        Invocation::Serve(backend, options) => {
            let signals = Signals::listen()?;
            match backend {
                "smol" => otp::smol::run(async |system| serve(system, options, signals).await),
                _ => otp::tokio::run(async |system| serve(system, options, signals).await),
            }
        }
        Invocation::Measure(backend, load, plugins) => match backend {
            "smol" => otp::smol::run(async |system| measure(system, load, plugins).await),
            _ => otp::tokio::run(async |system| measure(system, load, plugins).await),
        },
    }
}

#[allow(clippy::print_stdout, reason = "whoever started the server waits for this line, and may read the port off it")]
async fn serve(system: System, options: Options, signals: Signals) -> Result<(), Box<dyn Error>> {
    let server = Server::start(&system, options).await?;
    println!("hot-reload is ready on {}", server.address());
    Ok(server.until(signals.received()).await?)
}

#[allow(clippy::print_stdout, reason = "this is what was asked for")]
async fn measure(system: System, load: Load, plugins: Option<[PathBuf; 2]>) -> Result<(), Box<dyn Error>> {
    println!("{}", measure::undisturbed(&system, &load, plugins.as_ref()).await?);
    let outcome = measure::swapping(&system, &load, plugins.as_ref()).await?;
    println!("{outcome}");
    if outcome.is_right() { Ok(()) } else { Err("calls were lost, or answered wrongly".into()) }
}
