//! Runs payday again and again, on a backend of choice, and tells how often money was lost.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

mod args;
mod hunt;

use std::process::ExitCode;

use args::Invocation;

fn main() -> ExitCode {
    match Invocation::parse(std::env::args_os().skip(1)) {
        Ok(Invocation::Hunt(hunt)) => println!("{}", hunt.run()),
        Ok(Invocation::Help) => print!("{}", args::HELP),
        Err(error) => {
            eprintln!("sim-bank: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
