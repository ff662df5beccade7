//! Addresses: where messages go, and the routes that find the process that they go to.

mod destination;
mod far;
mod mapped;
mod route;
mod sending;

pub use destination::Address;
pub use route::Route;
pub use sending::Sending;
