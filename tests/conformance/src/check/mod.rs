//! Comparing scenarios with their golden traces.

mod deviations;
mod suite;

pub use deviations::{Deviation, Deviations, DeviationsError};
pub use suite::{Suite, Tally, Verdict};
