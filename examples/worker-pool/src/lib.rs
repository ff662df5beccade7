//! A job service: it takes jobs, has workers try them until they succeed, and loses none that it has taken.
//!
//! What happens to a job, in order:
//!
//! - [`job`] is what clients may ask for;
//! - [`service`] is all that the outside can do: submit, look, stop;
//! - [`ledger`] admits a job, or refuses it, and knows all jobs that are not finished;
//! - [`run`] is the process of one job: it borrows a [`worker`], and tries again after a pause;
//! - [`shelf`] keeps how the last jobs ended: results, and dead letters.
//!
//! And around it:
//!
//! - [`tree`] is the supervision tree;
//! - [`app`] is the service as an application: started, drained, stopped;
//! - [`http`] is the shell that clients reach, on axum. Only this module and `main` know that there is tokio: all else
//!   runs on any backend, and in the simulator.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod app;
pub mod args;
pub mod http;
pub mod job;
pub mod ledger;
pub mod run;
pub mod service;
pub mod shelf;
pub mod tree;
pub mod worker;
