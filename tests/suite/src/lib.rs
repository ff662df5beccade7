//! What the library promises, tested on every backend. The tests are in `tests/`, a file for each idea.

#![forbid(unsafe_code)]

pub mod journal;
pub mod servers;
pub mod trees;

/// The README's examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
