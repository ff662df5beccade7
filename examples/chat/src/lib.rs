//! Chat rooms over TCP, for netcat and telnet: one process for each user.
//!
//! From the socket inwards:
//!
//! - `listener` lets clients in, or turns them away;
//! - [`user`] is the process of one user: it owns the connection, the nick and the place in a room;
//! - [`protocol`] cuts bytes into lines, and lines into commands.
//!
//! And around it:
//!
//! - [`tree`] is the supervision tree, and says what a crash takes down and how all of it stops;
//! - [`serve`] is the server as an application;
//! - [`args`] reads the command line.
//!
//! Nothing here knows which executor it runs on: processes, timers and sockets are those of the system that `main` makes.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod args;
mod listener;
pub mod protocol;
pub mod serve;
pub mod tree;
pub mod user;
