//! Registries: keys that lead to processes.
//!
//! * [`Groups`] holds groups of processes, which are sent to as one.

#![forbid(unsafe_code)]

mod groups;

pub use groups::{
    Broadcast, GroupChange, GroupEvent, GroupMonitor, Groups, GroupsName, JoinError, LeaveError, Member, NoScope,
    ScopeMessage, StartGroups,
};
