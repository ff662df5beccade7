use otp_core::{Label, System};

use crate::children::{Child, ChildState, Children};
use crate::policy::{ChildKind, Restart};

/// One child, as `which_children` tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Its id. Under a dynamic supervisor ids have no meaning and need not be unique.
    pub id: Label,
    /// Whether it runs, as far as the supervisor knows.
    pub state: ChildState,
    /// Whether it is a supervisor.
    pub kind: ChildKind,
    /// When it is started again.
    pub restart: Restart,
    /// How often the supervisor has started it again.
    pub restarts: u64,
}

impl ChildInfo {
    pub(crate) fn of(child: &Child) -> ChildInfo {
        ChildInfo {
            id: child.spec.id().clone(),
            state: child.state,
            kind: child.spec.kind(),
            restart: child.spec.restart_type(),
            restarts: child.restarts,
        }
    }
}

/// How many children a supervisor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Child specs, running or not.
    pub specs: usize,
    /// Processes that are alive.
    pub active: usize,
    /// Children that are supervisors, running or not.
    pub supervisors: usize,
    /// Children that are not, running or not.
    pub workers: usize,
}

impl Counts {
    pub(crate) fn of(children: &Children, system: &System) -> Counts {
        let mut counts = Counts { specs: children.len(), ..Counts::default() };
        for (_, child) in children.iter() {
            match child.spec.kind() {
                ChildKind::Supervisor => counts.supervisors += 1,
                ChildKind::Worker => counts.workers += 1,
            }
            // Asked of the system, since a child that has cut its link ends unseen.
            if child.state.running().is_some_and(|pid| system.is_alive(pid)) {
                counts.active += 1;
            }
        }
        counts
    }
}
