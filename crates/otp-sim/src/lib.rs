//! The simulation backend of otp: one thread, one seed, virtual time.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "a backend is the other side of the seam")]

mod config;
mod dice;
mod executor;
mod failure;
mod policy;
mod runtime;
mod shared;
mod state;
mod timer;
mod timers;

pub use config::{Config, Threads};
pub use executor::SimExecutor;
pub use failure::Failure;
pub use policy::Policy;
pub use runtime::SimRuntime;

use otp_core::runtime::Instant;
