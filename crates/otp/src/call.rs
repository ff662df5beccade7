//! Calls: a message with a reply token, and the future that waits for the answer or for the end of the callee.
//!
//! Any process can be called, whatever it runs: [`Call::new`] makes a call, a [`ReplyTo`] in the message answers it.

#[doc(inline)]
pub use otp_core::{Call, CallError, Callee, NoResponse, ReplyTo, Request, Requests};
