//! Calls: send a message with a reply token, and wait for the answer or for the callee's end.

mod blocking;
mod boxed;
mod callee;
mod cycle;
mod error;
mod exited;
mod flat;
mod forward;
mod future;
mod map;
mod reply_to;
mod request;
mod through_restart;
mod uncaught;
mod who;

pub use boxed::BoxCall;
pub use callee::Callee;
pub use cycle::Cycle;
pub use error::CallError;
pub use exited::Exited;
pub use flat::Flat;
pub use future::Call;
pub(crate) use future::DEFAULT_TIMEOUT;
pub use map::Map;
pub use reply_to::ReplyTo;
pub use request::{NoResponse, Request, Requests};
pub use through_restart::ThroughRestart;
