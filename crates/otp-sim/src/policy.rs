//! Who runs next.

use std::collections::VecDeque;

use crate::dice::Dice;
use crate::state::Ready;

/// A task, by the order in which tasks were started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u64);

/// How a run chooses, of the tasks that can go on, the one that does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Any of them, each as likely as the others.
    #[default]
    Random,
    /// The one that has waited longest.
    RoundRobin,
}

/// A policy at work.
pub(crate) enum Scheduler {
    Random(Dice),
    RoundRobin,
}

impl Scheduler {
    pub(crate) fn new(policy: &Policy, dice: Dice) -> Scheduler {
        match policy {
            Policy::Random => Scheduler::Random(dice),
            Policy::RoundRobin => Scheduler::RoundRobin,
        }
    }

    /// A task has been started.
    pub(crate) fn added(&mut self, _task: TaskId) {}

    /// Takes the next one out of those that are ready, of which there is one at least.
    pub(crate) fn pick(&mut self, ready: &mut VecDeque<Ready>) -> Ready {
        let place = match self {
            Scheduler::Random(dice) => dice.below(ready.len()),
            Scheduler::RoundRobin => return ready.pop_front().expect("something is ready"),
        };
        ready.swap_remove_back(place).expect("the place is inside")
    }
}
