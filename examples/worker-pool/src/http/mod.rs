//! The shell that clients reach: HTTP, by axum, on tokio.
//!
//! It is thin on purpose: [`routes`] takes a request apart, asks the [`Service`](crate::service::Service), and writes the
//! answer down. `server` is the process that serves, and `listener` bounds how many connections it has.

#![allow(clippy::disallowed_types, reason = "the sockets of axum are those of tokio")]

mod listener;
mod routes;
mod server;

pub use routes::routes;
pub use server::child;
