//! Registries: keys that lead to processes.
//!
//! * [`Registry`] finds processes by keys: one process per key, or several. Servers can be started under a key, and
//!   called through it. Elixir's `Registry`.
//! * [`Groups`] holds groups of processes, which are sent to as one. Erlang's `pg`.
//! * [`PartitionSupervisor`] divides work among children of one kind, by key.
//! * [`Pool`] lends its workers, each to one borrower at a time.

#![forbid(unsafe_code)]

mod figures;
mod groups;
mod partition;
pub mod pool;
mod registry;

pub use figures::{RegistryFigures, ScopeFigures, registries, scopes};
pub use groups::{
    Broadcast, GroupChange, GroupEvent, GroupMonitor, Groups, GroupsName, JoinError, LeaveError, Member, NoScope,
    ScopeMessage, StartGroups,
};
pub use partition::{PartitionSupervisor, Partitions, StartPartitions};
pub use pool::{Pool, PoolFigures, PoolName, PoolRef, pools};
pub use registry::{
    Change, Duplicate, Entry, Key, Keys, Listening, MetaError, NotRunning, RegisterError, Registrant, Registry,
    RegistryName, RegistryServer, ServerRegistry, StartRegistry, ToKey, Unique, UpdateError, Via,
};
