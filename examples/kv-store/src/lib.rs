//! An in-memory key-value server that speaks RESP2, kept alive by a supervision tree.
//!
//! This library holds the parts that know neither an executor nor a clock: whoever calls them
//! passes bytes and the time in. From the socket inwards:
//!
//! - [`resp`] cuts bytes into requests, within limits, and writes replies;
//! - [`command`] turns a request into a typed [`Command`](command::Command);
//! - [`pipeline`] deals a run of commands out to shards and puts the replies back in order;
//! - [`shard`] holds a share of the keys and the append-only file they recover from;
//! - [`args`] reads the command line.

#![forbid(unsafe_code)]

pub mod args;
pub mod command;
pub mod pipeline;
pub mod resp;
pub mod route;
pub mod shard;
