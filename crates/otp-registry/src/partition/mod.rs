//! Partitions: one kind of child several times, and a route by key; Elixir's `PartitionSupervisor`.

mod key;
mod partitions;
mod route;
mod supervisor;

pub use partitions::Partitions;
pub use supervisor::{PartitionSupervisor, StartPartitions};
