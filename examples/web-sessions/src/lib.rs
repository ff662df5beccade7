//! One session store, and two shells around it: axum on tokio, hyper on smol.
//!
//! - [`sessions`] is the store: a server for each session, with a limit and an expiry. It runs on any backend, and in the
//!   simulator;
//! - [`shell`] is what clients reach, over HTTP, twice;
//! - [`app`] is the application: its tree, its start and its end;
//! - [`options`] is its configuration.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod app;
pub mod options;
pub mod sessions;
pub mod shell;
