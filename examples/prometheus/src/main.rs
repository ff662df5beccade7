//! `prometheus`: serves until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::time::Duration;

use lexopt::prelude::*;
use otp::System;
use prometheus::{exporter, service};
use tokio::signal::unix::{SignalKind, signal};

#[otp::main]
#[allow(clippy::print_stdout, reason = "whoever started the service waits for this line, and may read the port off it")]
async fn main(system: System) -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    let port = port()?;
    let mut term = signal(SignalKind::terminate())?;
    let recorder = exporter::install()?;
    let tree = service::tree(&recorder).start(&system).name(service::SHOP).await?;
    let pages = tree.start_child(service::pages(&recorder, port)).await?.ok_or("there are no pages")?;
    println!("prometheus is ready on {}", pages.address());
    term.recv().await;
    system.shutdown(Duration::from_secs(3)).await;
    Ok(())
}

/// The port of the command line.
fn port() -> Result<u16, lexopt::Error> {
    let (mut parser, mut port) = (lexopt::Parser::from_env(), 9100);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(port)
}
