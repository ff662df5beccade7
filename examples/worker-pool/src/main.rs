//! `worker-pool`: reads the command line, serves until it is told to stop, and tells what became of the jobs.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_types, reason = "this picks the backend, and takes the port")]

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use futures::future::{Either, select};
use otp::prelude::*;
use tokio::signal::unix::{Signal, SignalKind, signal};
use worker_pool::args::{HELP, Options};
use worker_pool::service::{Report, Service};
use worker_pool::{http, tree};

/// How long the parts have to end once the jobs are done, or their time is over.
const SHUTDOWN: Duration = Duration::from_secs(3);

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("worker-pool: {error}\nTry 'worker-pool --help'.");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    match otp::tokio::run(async |system| serve(&system, options).await) {
        Ok(report) => {
            println!("{}", serde_json::to_string(&report).expect("numbers and texts are JSON"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("worker-pool: {error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "whoever started the server waits for this line, and may read the port off it")]
async fn serve(system: &System, options: Options) -> Result<Report, Box<dyn Error>> {
    let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    socket.set_nonblocking(true)?;
    let address = socket.local_addr()?;

    let service = Service::new(system, options.limits);
    let http = http::child(service.clone(), socket, options.connections);
    let root = service.tree().child(http).start(system).name(tree::ROOT).await?;
    println!("worker-pool is ready on {address}");

    if let Either::Right((reason, _)) = select(pin!(next(&mut signals)), root.exited()).await {
        return Err(format!("gave up after too many restarts ({reason})").into());
    }
    // Clients are answered meanwhile. A second signal is a request to hurry up.
    select(pin!(service.drain(options.drain)), pin!(next(&mut signals))).await;
    let report = service.report().await?;
    system.shutdown(SHUTDOWN).await;
    Ok(report)
}

async fn next([term, int]: &mut [Signal; 2]) {
    select(pin!(term.recv()), pin!(int.recv())).await;
}
