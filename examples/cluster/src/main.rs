//! `cluster`: one of the nodes, until it is killed.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::process::ExitCode;

use cluster::args::{Backend, HELP, Options};
use cluster::members::Members;
use cluster::tree::tree;
use otp::System;
use otp::dist::{Cookie, Node};

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("cluster: {error}\nTry 'cluster --help'.");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).without_time().with_target(false).init();
    let ended = match options.backend {
        Backend::Tokio => otp::tokio::run(async |system| run(system, options).await),
        Backend::Smol => otp::smol::run(async |system| run(system, options).await),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(system: System, options: Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let node = Node::named(options.name.as_str())?.cookie(Cookie::from_file(options.cookie)?);
    // The first of the nodes that gets the port is the epmd of all.
    let node = node.epmd(options.epmd).start_epmd(true);
    let root = tree(node, Members::new(options.nodes)).start(&system).await?;
    Err(root.exited().await.into())
}
