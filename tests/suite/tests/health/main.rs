//! Servers that never hang: call cycles, probes, the watchdog; liveness and readiness.

mod checks;
mod deadlock;
mod deadlock_races;
mod deadlock_starts;
mod probes;
mod watchdog;
