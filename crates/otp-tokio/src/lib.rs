//! The tokio backend of otp: processes as tokio tasks.
//!
//! Embedding in a program that already runs on tokio takes one line, and creates no second executor:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let system = otp::System::new(otp::tokio::TokioRuntime::current());
//! let process = system.spawn(async |_: otp::ProcessContext<()>| {});
//! assert_eq!(process.exited().await, otp::ExitReason::Normal);
//! # });
//! ```
//!
//! A program without an executor of its own uses [`TokioExecutor`].
//!
//! The feature `net` adds sockets: [`System::net`](otp_core::System::net).

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod executor;
#[cfg(feature = "net")]
#[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a backend is the other side of the seam")]
mod net;
mod runtime;
mod timer;

pub use executor::TokioExecutor;
pub use runtime::TokioRuntime;
