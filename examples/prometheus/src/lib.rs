//! A shop behind HTTP, whose processes Prometheus can scrape.
#![allow(clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod exporter;
pub mod service;
pub mod till;
