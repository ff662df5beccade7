//! The texts that describe what a server is doing, for introspection and errors.

use otp_core::Doing;

pub(crate) const HANDLING_CALL: Doing = Doing::new(|| "handling a call");
pub(crate) const HANDLING_CAST: Doing = Doing::new(|| "handling a cast");
/// Handling any other message, or a timeout.
pub(crate) const HANDLING_INFO: Doing = Doing::new(|| "handling a message");
pub(crate) const CONTINUING: Doing = Doing::new(|| "in handle_continue");
pub(crate) const TERMINATING: Doing = Doing::new(|| "in terminate");
