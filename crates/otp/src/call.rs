//! Calls: send a message with a reply token, and wait for the answer or for the end of the callee.
//!
//! Any process can be called, whatever it runs: [`Call::new`] makes a call, and the [`ReplyTo`] in the message answers
//! it.

#[doc(inline)]
pub use otp_core::{
    BoxCall, Call, CallError, Callee, Cycle, Flat, Map, NoResponse, ReplyTo, Request, Requests, ThroughRestart,
};
