//! Servers that never hang: call cycles, probes, the watchdog; liveness and readiness.

mod checks;
mod deadlock;
mod deadlock_races;
mod deadlock_starts;
mod endpoint;
mod probes;
mod watchdog;
