//! `hot-reload`: reads the command line, and runs the server until it is told to stop, or measures.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::{ExitCode, Termination};

use hot_reload::args::{Invocation, Options, help};
use hot_reload::measure::{self, Load};
use hot_reload::serve::HotReload;
use otp::System;
use otp::application::{App, Service};

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
    match invocation {
        Invocation::Help => ExitCode::SUCCESS,
        Invocation::Serve(backend, options) => serve(backend, options),
        Invocation::Measure(backend, load, plugins) => {
            let measured = match backend {
                "smol" => otp::smol::run(async |system| measure(system, load, plugins).await),
                _ => otp::tokio::run(async |system| measure(system, load, plugins).await),
            };
            match measured {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("hot-reload: {error}");
                    ExitCode::FAILURE
                }
            }
        }
    }
}

fn serve(backend: &str, options: Options) -> ExitCode {
    let service = Service::new(App::with_config(HotReload, options)).stop_within(HotReload::LIMIT);
    let report = match backend {
        "smol" => otp::smol::run_application(service),
        _ => otp::tokio::run_application(service),
    };
    report.report()
}

#[allow(clippy::print_stdout, reason = "this is what was asked for")]
async fn measure(system: System, load: Load, plugins: Option<[PathBuf; 2]>) -> Result<(), Box<dyn Error>> {
    println!("{}", measure::undisturbed(&system, &load, plugins.as_ref()).await?);
    let outcome = measure::swapping(&system, &load, plugins.as_ref()).await?;
    println!("{outcome}");
    if outcome.is_right() { Ok(()) } else { Err("calls were lost, or answered wrongly".into()) }
}
