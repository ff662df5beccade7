//! Calls: a message with a reply token, and the future that waits for the answer or for the callee's end.

mod error;
mod exited;
mod from;
mod future;
mod request;

pub use error::{CallError, Callee};
pub use exited::Exited;
pub use from::From;
pub use future::Call;
pub use request::{NoResponse, Request, Requests};
