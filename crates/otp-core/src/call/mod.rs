//! Calls: a message with a reply token, and the future that waits for the answer or for the callee's end.

mod error;
mod exited;
mod forward;
mod future;
mod reply_to;
mod request;

pub use error::{CallError, Callee};
pub use exited::Exited;
pub use future::Call;
pub(crate) use future::DEFAULT_TIMEOUT;
pub use reply_to::ReplyTo;
pub use request::{NoResponse, Request, Requests};
