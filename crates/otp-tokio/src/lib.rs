//! The tokio backend of otp: processes as tokio tasks.
//!
//! A program that already runs on tokio embeds a system with one line, and without a second executor:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let system = otp::System::new(otp::tokio::TokioRuntime::current());
//! let process = system.spawn(async |_: otp::ProcessContext<()>| {});
//! assert_eq!(process.exited().await, otp::ExitReason::Normal);
//! # });
//! ```
//!
//! A program without its own executor uses [`TokioExecutor`].
//!
//! The feature `net` adds sockets, [`System::net`](otp_core::System::net); the feature `signal`, on Unix, the signals of the
//! operating system, [`System::signals`](otp_core::System::signals).

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod executor;
#[cfg(feature = "net")]
#[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a backend is the other side of the seam")]
mod net;
mod runtime;
#[cfg(all(feature = "signal", unix))]
mod signal;
mod timer;

pub use executor::TokioExecutor;
pub use runtime::TokioRuntime;
