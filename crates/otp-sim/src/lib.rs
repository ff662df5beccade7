//! The simulation backend of otp: one thread, one seed, virtual time.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "a backend is the other side of the seam")]

mod attempt;
mod check;
mod config;
mod dice;
mod executor;
mod explore;
mod failed;
mod failure;
mod faults;
mod held;
mod here;
mod observer;
mod policy;
mod run;
mod runtime;
mod schedule;
mod shared;
mod shrink;
mod state;
mod timer;
mod timers;
mod trace;

pub use check::{Checked, check, try_check};
pub use config::{Config, Threads};
pub use executor::SimExecutor;
pub use explore::{Explore, Explored, explore, try_explore};
pub use failed::Failed;
pub use failure::{Deadlock, Failure, Leak, Waiting, WaitingCall};
pub use faults::Faults;
pub use here::{always, note, seed, set_faults};
pub use policy::Policy;
pub use run::run;
pub use runtime::SimRuntime;
pub use schedule::{ParseScheduleError, Schedule};
