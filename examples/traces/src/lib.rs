//! A shop of five servers whose requests are traced, and what exports and collects the traces.
#![allow(clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod collector;
pub mod export;
pub mod shop;
