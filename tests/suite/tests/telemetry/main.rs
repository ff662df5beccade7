//! Metrics and traces. A program of its own, since it listens to all of `tracing`.

mod hostile;
mod ledger;
mod listener;
mod metrics;
mod page;
mod sampled;
mod servers;
mod services;
mod spans;
mod spectators;
