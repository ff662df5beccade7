//! An in-memory key-value server that speaks RESP2, kept alive by a supervision tree.
//!
//! From the socket inwards:
//!
//! - [`connection`] is the process that serves one client;
//! - [`resp`] cuts bytes into requests, within limits, and writes replies;
//! - [`command`] turns a request into a typed [`Command`](command::Command);
//! - [`pipeline`] deals a run of commands out to shards and puts the replies back in order;
//! - [`shard`] holds a share of the keys and the append-only file they recover from.
//!
//! And around it:
//!
//! - [`tree`] is the supervision tree, and says what happens when a part of it crashes or all of it stops;
//! - [`app`] is the server as an application: its start, its end, and a changed configuration;
//! - [`options`] is the configuration.
//!
//! Nothing here knows which executor it runs on: processes, timers and sockets are those of the system that `main` has.
//! `resp`, `command`, `pipeline` and most of `shard` know neither a system nor a clock: whoever calls them passes bytes
//! and the time in.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

mod acceptor;
pub mod app;
pub mod clock;
pub mod command;
pub mod connection;
mod info;
mod metrics;
pub mod options;
pub mod pipeline;
pub mod resp;
pub mod route;
pub mod shard;
pub mod tree;
