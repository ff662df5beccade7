//! The texts that describe what a server is doing, for introspection and errors.

use std::fmt;

use otp_behaviour::Signal;
use otp_core::Doing;

pub(crate) const HANDLING_CALL: Doing = Doing::new(|| "handling a call");
pub(crate) const HANDLING_CAST: Doing = Doing::new(|| "handling a cast");
/// Handling any other message, or a timeout.
pub(crate) const HANDLING_INFO: Doing = Doing::new(|| "handling a message");
pub(crate) const CONTINUING: Doing = Doing::new(|| "in handle_continue");
pub(crate) const TERMINATING: Doing = Doing::new(|| "in terminate");

/// Shows a signal that arrives at `handle_info`.
pub(crate) struct Handled<'a>(pub(crate) &'a Signal);

impl fmt::Debug for Handled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Signal::Exit(exit) => write!(f, "exit of {}: {}", exit.from, exit.reason),
            Signal::Down(down) => write!(f, "down of {}: {}", down.target, down.reason),
            Signal::Timer(_) => f.write_str("a timer"),
            _ => f.write_str("a signal"),
        }
    }
}

/// Shows that no message came in time.
pub(crate) struct Timeout;

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timeout")
    }
}
