//! Servers that never hang: call cycles, probes, the watchdog.

mod deadlock;
