use std::fmt;
use std::sync::Arc;

use otp_core::{Pid, Ref};

use super::member::Member;

/// Identifies a monitor of groups, in a [`GroupEvent`] and for [`demonitor`](super::Groups::demonitor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupMonitor(pub(super) Ref);

/// What happened in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GroupChange {
    /// Processes joined.
    Joined,
    /// Processes left, or have ended.
    Left,
}

/// The message about a change in a group, for a process that monitors it.
#[non_exhaustive]
pub struct GroupEvent<K, M> {
    /// The monitor, as returned by `monitor`.
    pub monitor: GroupMonitor,
    /// The key of the group.
    pub group: Arc<K>,
    /// What happened.
    pub change: GroupChange,
    /// Who joined or left, with repetitions.
    pub members: Arc<[Member<M>]>,
    /// The number of messages before this one that found the monitoring process's bounded mailbox full, and were lost. If
    /// it is not zero, ask for the members again.
    pub lost: u64,
}

impl<K, M> GroupEvent<K, M> {
    /// The pids of the members, with repetitions.
    pub fn pids(&self) -> Vec<Pid> {
        self.members.iter().map(Member::pid).collect()
    }
}

impl<K, M> Clone for GroupEvent<K, M> {
    fn clone(&self) -> GroupEvent<K, M> {
        GroupEvent { group: self.group.clone(), members: self.members.clone(), ..*self }
    }
}

impl<K: fmt::Debug, M> fmt::Debug for GroupEvent<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupEvent")
            .field("monitor", &self.monitor)
            .field("group", &self.group)
            .field("change", &self.change)
            .field("members", &self.members)
            .field("lost", &self.lost)
            .finish()
    }
}
