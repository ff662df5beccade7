//! The simulator: equal seeds give equal runs, faults happen, failures say how to have them again;
//! and the network.

mod exhaustive;
mod failures;
mod faults;
mod net;
mod repeats;
mod reports;
mod runtime;
mod shrinking;
