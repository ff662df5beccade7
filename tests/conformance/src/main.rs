//! The command line of the runner; see [`cli`].

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Command::from_args(lexopt::Parser::from_env()) {
        Ok(command) => command.execute(),
        Err(error) => cli::complain(&error),
    }
}
