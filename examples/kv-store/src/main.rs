//! `kv-store`: reads the command line, and runs the server until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::process::ExitCode;

use kv_store::args::{HELP, Invocation, Options};
use kv_store::net;
use kv_store::serve::Server;
use kv_store::signals::Signals;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]
fn main() -> ExitCode {
    let options = match Invocation::parse(std::env::args_os().skip(1)) {
        Ok(Invocation::Serve(options)) => options,
        Ok(Invocation::Help) => {
            print!("{HELP}");
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

#[allow(clippy::print_stdout, reason = "whoever started the server waits for this line, and may read the port off it")]
fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let backend = options.backend;
    let signals = Signals::listen()?;
    let server = Server::open(options)?;
    net::run(backend, async |system| {
        let address = server.address();
        let server = server.start(&system).await?;
        println!("kv-store is ready on {address}");
        Ok(server.until(signals.received()).await?)
    })
}

/// An error and what is behind it, in one line.
fn causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
