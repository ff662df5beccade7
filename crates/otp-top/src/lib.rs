//! The observer in a terminal: the busiest processes, the tree and the crashes of a running system.
//!
//! This is the library behind the program `otp-top`: [`client`] asks an observer, [`model`] is what it answers, and [`view`]
//! draws it.

#![forbid(unsafe_code)]

pub mod args;
pub mod client;
pub mod model;
pub mod view;
