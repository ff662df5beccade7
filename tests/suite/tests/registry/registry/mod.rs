//! Registries: keys that lead to processes.

mod actor;
mod closing;
mod entries;
mod hostile;
mod listeners;
mod model;
mod queries;
mod via;
