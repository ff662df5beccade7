//! `worker-pool`: reads the command line, serves until it is told to stop, and tells what became of the jobs.

#![forbid(unsafe_code)]

use std::io;
use std::process::{ExitCode, Termination};

use otp::application::{App, Service};
use worker_pool::app::WorkerPool;
use worker_pool::args::{HELP, Options};

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
    let limit = options.drain + WorkerPool::SHUTDOWN;
    let app = App::new(WorkerPool::new(options));
    otp::tokio::run_application(Service::new(app).stop_within(limit)).report()
}
