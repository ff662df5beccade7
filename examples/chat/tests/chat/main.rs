//! The server as its users see it, on every executor, and in simulated networks.
//!
//! Nothing here sleeps: what takes time is waited for by reading a line, or the end of a process.

mod client;

mod ending;
mod hostile;
mod slow;
mod talking;
