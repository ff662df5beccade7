//! Scheduling policies: which task runs next.

mod explore;
mod pct;
mod replay;

use std::collections::VecDeque;

use crate::dice::Dice;
use crate::schedule::{Moment, Schedule};
use crate::state::Ready;

pub(crate) use explore::{Bounds, Explorer};
use pct::Pct;
use replay::Replay;

/// Identifies a task, by the order in which tasks were started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u64);

/// Chooses which of the tasks that can run is polled next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Runs any task, with equal probability, at each step.
    #[default]
    Random,
    /// Runs the task that has waited longest.
    RoundRobin,
    /// Probabilistic concurrency testing: each task has a random priority, the highest one runs, and at a few random
    /// steps the running task gets the lowest.
    ///
    /// A bug that needs `depth` ordering constraints is found by one run of `n` tasks and at most `steps` steps with a
    /// probability of at least 1 / (n · steps^(depth - 1)): Burckhardt, Kothari, Musuvathi and Nagarakatte, "A
    /// Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010. A task that has run for 1000
    /// steps while others wait gets the lowest priority, too, so that a task that waits by yielding does not run alone.
    Pct {
        /// The number of ordering constraints: priorities change at one step less.
        depth: u32,
        /// The approximate number of steps of a run: priorities change among the first ones.
        steps: u64,
    },
    /// Repeats a recorded run: its schedule, calls and faults, as far as they go.
    Replay(Schedule),
}

/// A policy at work.
pub(crate) enum Scheduler {
    Random(Dice),
    RoundRobin,
    Pct(Pct),
    Replay(Replay),
    Explore(Explorer),
}

impl Scheduler {
    pub(crate) fn new(policy: &Policy, dice: Dice) -> Scheduler {
        match policy {
            Policy::Random => Scheduler::Random(dice),
            Policy::RoundRobin => Scheduler::RoundRobin,
            Policy::Pct { depth, steps } => Scheduler::Pct(Pct::new(*depth, *steps, dice)),
            Policy::Replay(schedule) => Scheduler::Replay(Replay::new(schedule)),
        }
    }

    /// A task has been started.
    pub(crate) fn added(&mut self, task: TaskId) {
        if let Scheduler::Pct(pct) = self {
            pct.added(task);
        }
    }

    /// The priority of a task that becomes ready.
    pub(crate) fn priority(&self, task: TaskId) -> u64 {
        match self {
            Scheduler::Pct(pct) => pct.priority(task),
            _ => 0,
        }
    }

    /// Takes the next task out of `ready`, which is not empty.
    pub(crate) fn pick(&mut self, ready: &mut VecDeque<Ready>) -> Ready {
        let place = match self {
            Scheduler::Random(dice) => dice.below(ready.len()),
            Scheduler::RoundRobin => return ready.pop_front().expect("something is ready"),
            Scheduler::Pct(pct) => pct.pick(ready),
            Scheduler::Replay(replay) => replay.pick(ready),
            Scheduler::Explore(explorer) => explorer.pick(ready),
        };
        ready.swap_remove_back(place).expect("the place is inside")
    }

    /// Whether a call runs inline, if the policy decides that.
    pub(crate) fn runs_inline(&mut self, moment: &Moment) -> Option<bool> {
        match self {
            Scheduler::Replay(replay) => Some(replay.runs_inline(moment)),
            Scheduler::Explore(explorer) => Some(explorer.runs_inline()),
            Scheduler::Random(_) | Scheduler::RoundRobin | Scheduler::Pct(_) => None,
        }
    }
}

/// The place of a task in `ready`.
fn place_of(ready: &VecDeque<Ready>, task: TaskId) -> Option<usize> {
    ready.iter().position(|ready| ready.id == task)
}

/// The place of the task that runs if there is no switch: the task that ran last, else the oldest one.
pub(crate) fn unswitched(ready: &VecDeque<Ready>, last: Option<TaskId>) -> usize {
    last.and_then(|last| place_of(ready, last)).unwrap_or_else(|| {
        let oldest = ready.iter().enumerate().min_by_key(|(_, ready)| ready.id);
        oldest.map(|(place, _)| place).expect("something is ready")
    })
}
