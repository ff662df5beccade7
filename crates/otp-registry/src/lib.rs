//! Registries: keys that lead to processes.
//!
//! * [`Groups`] holds groups of processes, which are sent to as one.
//! * [`PartitionSupervisor`] divides work among children of one kind, by key.

#![forbid(unsafe_code)]

mod groups;
mod partition;

pub use groups::{
    Broadcast, GroupChange, GroupEvent, GroupMonitor, Groups, GroupsName, JoinError, LeaveError, Member, NoScope,
    ScopeMessage, StartGroups,
};
pub use partition::{PartitionSupervisor, Partitions, StartPartitions};
