//! Addresses: destinations of messages, and the routes that find the process behind them.

mod destination;
mod far;
mod mapped;
mod route;
mod sending;

pub use destination::Address;
pub use route::Route;
pub use sending::Sending;
