//! The conformance suite for backends of otp.
//!
//! otp runs on any executor with a [`Runtime`](otp_core::runtime::Runtime). This crate tests the promises of that
//! trait, once, for every backend: those of this repository and those of other authors. A test is a function that takes
//! a [`Backend`] and panics, with a message that says what is wrong, when the backend breaks a promise. [`suite!`]
//! makes a `#[test]` of each:
//!
//! ```
//! // tests/runtime.rs of a backend crate
//! mod current_thread {
//!     otp_runtime_test::suite!(otp_tokio::TokioExecutor::current_thread);
//! }
//!
//! mod two_workers {
//!     fn backend() -> otp_tokio::TokioExecutor {
//!         otp_tokio::TokioExecutor::with_workers(2)
//!     }
//!     otp_runtime_test::suite!(backend);
//! }
//! ```
//!
//! The functions can be called one by one, and [`TESTS`] lists them for another test harness:
//!
//! ```
//! let backend = otp_tokio::TokioExecutor::current_thread;
//! otp_runtime_test::spawned_task_runs(&backend);
//!
//! let (_, test) = otp_runtime_test::TESTS.iter().find(|(name, _)| *name == "past_deadline_fires").unwrap();
//! let outcome = std::panic::catch_unwind(|| test(&backend));
//! assert!(outcome.is_ok());
//! ```
//!
//! # Sockets
//!
//! A backend with sockets, which implements [`Runtime::net`](otp_core::runtime::Runtime::net), also runs the tests of
//! [`net_suite!`]; [`NET_TESTS`] lists them.
//!
//! # Signals
//!
//! A backend that has the signals of the operating system, which implements
//! [`Runtime::signals`](otp_core::runtime::Runtime::signals), also runs the tests of [`signal_suite!`]. They send signals to
//! the program in which they run.
//!
//! # Owned and shared executors
//!
//! Most tests take a [`Backend`]. Tests that drop an executor and check what happens to its tasks take an
//! [`OwnedBackend`]. An executor that belongs to the whole program, such as smol's global one, never ends, so there is
//! nothing to check: a backend for it only implements [`Backend`]. `suite!(shared backend)` leaves these tests out;
//! `suite!(backend)` does not compile for such a backend.
//!
//! # Time
//!
//! No test sleeps in order to wait for something, and none has a time margin that a slow machine could miss. A test
//! waits for the event itself, on its own thread, and [`Backend::patience`] turns a hang into a failure that names the
//! test. Timers may be late without bound, but never early.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "a foreign thread is what many of the tests are about")]

mod backend;
mod blocking;
mod clock;
mod harness;
mod list;
mod net;
mod processes;
mod runs;
mod signals;
mod tasks;
mod threads;
mod timers;
mod wakers;

pub use backend::{Backend, OwnedBackend};
pub use blocking::*;
pub use clock::*;
pub use list::{TESTS, Test};
pub use net::*;
pub use processes::*;
pub use runs::*;
pub use signals::*;
pub use tasks::*;
pub use threads::*;
pub use timers::*;
pub use wakers::*;
