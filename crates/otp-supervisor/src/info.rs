use otp_core::{Label, System};

use crate::children::{Child, ChildState, Children};
use crate::policy::{ChildKind, Restart};

/// Describes one child, as returned by `which_children`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Its id. Under a dynamic supervisor ids have no meaning and need not be unique.
    pub id: Label,
    /// Whether the child runs, as far as the supervisor knows.
    pub state: ChildState,
    /// Whether the child is a supervisor.
    pub kind: ChildKind,
    /// When the child is restarted.
    pub restart: Restart,
    /// How often the supervisor has restarted it.
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

/// The numbers of children of a supervisor, as returned by `count_children`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// The number of child specs, running or not.
    pub specs: usize,
    /// The number of running processes.
    pub active: usize,
    /// The number of children that are supervisors, running or not.
    pub supervisors: usize,
    /// The number of children that are workers, running or not.
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
            // Asks the system, because a child that has removed its link can end unnoticed.
            if child.state.running().is_some_and(|pid| system.is_alive(pid)) {
                counts.active += 1;
            }
        }
        counts
    }
}
