use std::collections::VecDeque;

use super::TaskId;
use crate::dice::Dice;
use crate::state::Ready;

/// Probabilistic concurrency testing: random priorities that change at a few steps.
pub(crate) struct Pct {
    dice: Dice,
    /// By task id.
    priorities: Vec<u64>,
    /// The remaining steps at which the running task gets the lowest priority; the next one is last.
    changes: Vec<u64>,
    step: u64,
    /// A priority below all priorities so far.
    lowest: u64,
    last: Option<TaskId>,
    /// The number of steps in a row of the last task while others waited.
    alone: u32,
}

/// After this many steps in a row while others wait, a task gets the lowest priority: it may wait for them by yielding.
const PATIENCE: u32 = 1000;

impl Pct {
    pub(super) fn new(depth: u32, steps: u64, mut dice: Dice) -> Pct {
        let mut changes: Vec<u64> = (1..depth).map(|_| 1 + dice.below(steps.max(1) as usize) as u64).collect();
        changes.sort_unstable_by(|a, b| b.cmp(a));
        Pct { dice, priorities: Vec::new(), changes, step: 0, lowest: u64::MAX / 2, last: None, alone: 0 }
    }

    pub(super) fn added(&mut self, task: TaskId) {
        debug_assert_eq!(task.0, self.priorities.len() as u64, "tasks are counted up");
        // The upper half is for tasks whose priority has not been lowered.
        self.priorities.push(self.dice.next() | 1 << 63);
    }

    pub(super) fn priority(&self, task: TaskId) -> u64 {
        self.priorities[task.0 as usize]
    }

    pub(super) fn pick(&mut self, ready: &mut VecDeque<Ready>) -> usize {
        self.step += 1;
        let mut place = highest(ready);
        while self.changes.pop_if(|change| *change <= self.step).is_some() {
            self.lower(&mut ready[place]);
            place = highest(ready);
        }
        let chosen = ready[place].id;
        self.alone = if self.last == Some(chosen) && ready.len() > 1 { self.alone + 1 } else { 0 };
        self.last = Some(chosen);
        if self.alone > PATIENCE {
            self.alone = 0;
            self.lower(&mut ready[place]);
        }
        place
    }

    fn lower(&mut self, task: &mut Ready) {
        self.lowest -= 1;
        task.priority = self.lowest;
        self.priorities[task.id.0 as usize] = self.lowest;
    }
}

/// The place of the task with the highest priority.
fn highest(ready: &VecDeque<Ready>) -> usize {
    let highest = ready.iter().enumerate().max_by_key(|(_, ready)| ready.priority);
    highest.map(|(place, _)| place).expect("something is ready")
}
