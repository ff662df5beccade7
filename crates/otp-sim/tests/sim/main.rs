//! The simulator: equal seeds give equal runs, faults happen, failures say how to have them again.

mod exhaustive;
mod failures;
mod faults;
mod repeats;
mod runtime;
