//! An independent runner for the scenarios that compare this library with Erlang/OTP.
//!
//! A scenario, in the language of `SCENARIOS.md`, says what a set of processes does; its trace says what happened. The
//! golden traces come from a real BEAM. This crate runs the same scenarios on the library and compares.
//!
//! The runner has no semantics of its own: it translates words. What a process, a server or a supervisor does is done
//! by the library, through its public API.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on a test")]

mod actors;
mod backend;
mod check;
pub mod generate;
mod language;
pub mod oracle;
pub mod rules;
mod run;
mod steps;
mod trace;
mod world;

pub use backend::{Backend, TraceError};
pub use check::{Deviation, Deviations, DeviationsError, Suite, Tally, Verdict};
pub use language::{Invalid, LoadError, Loaded, Scenario, Step};
pub use run::{RunError, run};
pub use trace::{Difference, first_difference};
