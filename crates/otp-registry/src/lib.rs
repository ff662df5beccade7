//! Registries: keys that lead to processes.
#![forbid(unsafe_code)]
