//! An exchange that publishes prices, and consumers of different speeds.
#![allow(clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod consumer;
pub mod exchange;
pub mod market;
pub mod price;
