//! What the program is asked to do.
//!
//! ```text
//! otp-conformance [--backend tokio|tokio-current|smol|sim|all] [--check GOLDEN_DIR] [--deviations FILE] FILE...
//! otp-conformance rules
//! otp-conformance oracle --seeds N [--from SEED] [--backend BACKEND] [--keep DIR] [--no-shrink]
//! ```

mod command;
mod oracle;
mod rules;
mod scenarios;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

pub(crate) use command::Command;

/// Writes an error to standard error.
pub(crate) fn complain(error: &dyn Display) -> ExitCode {
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(std::io::stderr(), "otp-conformance: {error}");
    ExitCode::from(2)
}

/// Writes to standard output. A reader that has gone away wants no more.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
