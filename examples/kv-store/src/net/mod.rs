//! Sockets, and the only place of this program that names executors.
//!
//! Processes, timers and blocking jobs are the library's and the same on every executor; sockets are not its business.
//! So the two kinds of socket meet here, behind [`Listener`] and [`Stream`], and nothing else of the program knows
//! which one it has.

mod listener;
mod stream;

use otp::System;

use crate::args::Backend;

pub use listener::Listener;
pub use stream::Stream;

/// Runs `main` to its end on an executor of its own, and then shuts the system down; see [`otp::tokio::run`] and
/// [`otp::smol::run`].
///
/// # Panics
///
/// If `main` does, or if the calling thread already runs an executor.
pub fn run<F, Fut>(backend: Backend, main: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    match backend {
        Backend::Tokio => otp::tokio::run(main),
        Backend::Smol => otp::smol::run(main),
    }
}

/// Whose sockets a system needs: tokio's work only on tokio; async-io's have a thread of their own and work anywhere.
fn is_tokio(system: &System) -> bool {
    system.runtime().name() == "tokio"
}
