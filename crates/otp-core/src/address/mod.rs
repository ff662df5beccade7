//! Addresses: destinations of messages, and the routes that find the process behind them.

mod await_holder;
mod destination;
mod far;
mod mapped;
mod route;
mod sending;

pub use await_holder::AwaitHolder;
pub use destination::Address;
pub use route::{Route, Watch};
pub use sending::Sending;
