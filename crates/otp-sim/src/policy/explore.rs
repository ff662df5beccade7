use std::collections::VecDeque;

use super::{TaskId, place_of, unswitched};
use crate::state::Ready;

/// One of all possible runs: it makes the choices of a prefix, and then always takes the first alternative.
pub(crate) struct Explorer {
    choices: Vec<Choice>,
    next: usize,
    bounds: Bounds,
    last: Option<TaskId>,
    preemptions: u32,
}

/// Which of all possible runs are tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    /// The maximum number of preemptions, at which the task that ran last and could continue has to wait.
    pub(crate) preemptions: Option<u32>,
}

/// A choice: which alternative was taken, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    taken: usize,
    of: usize,
}

impl Explorer {
    /// The first run.
    pub(crate) fn first(bounds: Bounds) -> Explorer {
        Explorer { choices: Vec::new(), next: 0, bounds, last: None, preemptions: 0 }
    }

    /// The run after this one, in depth-first order; `None` after the last one.
    pub(crate) fn following(mut self) -> Option<Explorer> {
        // A run that failed in the middle of its prefix has not made the rest of these choices.
        self.choices.truncate(self.next);
        while let Some(last) = self.choices.pop() {
            if last.taken + 1 < last.of {
                self.choices.push(Choice { taken: last.taken + 1, of: last.of });
                return Some(Explorer { next: 0, last: None, preemptions: 0, ..self });
            }
        }
        None
    }

    /// Takes an alternative; the first one has the fewest switches.
    fn choose(&mut self, of: usize) -> usize {
        let choice = match self.choices.get(self.next) {
            Some(choice) => *choice,
            None => {
                let choice = Choice { taken: 0, of };
                self.choices.push(choice);
                choice
            }
        };
        self.next += 1;
        choice.taken.min(of - 1)
    }

    pub(super) fn pick(&mut self, ready: &VecDeque<Ready>) -> usize {
        let first = unswitched(ready, self.last);
        let may_preempt = self.bounds.preemptions.is_none_or(|bound| self.preemptions < bound);
        let goes_on = self.last == Some(ready[first].id);
        let taken = if ready.len() > 1 && (may_preempt || !goes_on) { self.choose(ready.len()) } else { 0 };
        let place = match taken {
            0 => first,
            taken => {
                let mut others: Vec<TaskId> = ready.iter().map(|ready| ready.id).collect();
                others.swap_remove(first);
                others.sort_unstable();
                self.preemptions += u32::from(goes_on);
                place_of(ready, others[taken - 1]).expect("it is ready")
            }
        };
        self.last = Some(ready[place].id);
        place
    }

    pub(super) fn runs_inline(&mut self) -> bool {
        self.choose(2) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(ids: &[u64]) -> VecDeque<Ready> {
        ids.iter().map(|&id| Ready::new(id as usize, TaskId(id), 1)).collect()
    }

    /// All orders in which tasks can take their steps; `steps` has the number for each task.
    fn orders(steps: &[usize], bounds: Bounds) -> Vec<Vec<u64>> {
        let mut orders = Vec::new();
        let mut explorer = Explorer::first(bounds);
        loop {
            let mut left = steps.to_vec();
            let mut order = Vec::new();
            while left.iter().any(|left| *left > 0) {
                let ids: Vec<u64> = (0..left.len() as u64).filter(|id| left[*id as usize] > 0).collect();
                let ready = ready(&ids);
                let next = ready[explorer.pick(&ready)].id.0;
                left[next as usize] -= 1;
                order.push(next);
            }
            orders.push(order);
            match explorer.following() {
                Some(next) => explorer = next,
                None => return orders,
            }
        }
    }

    #[test]
    fn every_interleaving_comes_once() {
        // Of two tasks with three steps each there are 6! / (3! 3!) = 20; of 2, 2 and 1 there are 5! / (2! 2! 1!) = 30.
        for (steps, count) in [(&[3, 3][..], 20), (&[2, 2, 1], 30), (&[4], 1)] {
            let mut all = orders(steps, Bounds::default());
            assert_eq!(all.len(), count);
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count, "none twice");
        }
    }

    #[test]
    fn without_preemption_only_the_order_of_the_tasks_is_open() {
        let all = orders(&[3, 3, 3], Bounds { preemptions: Some(0) });
        // 3! orders of tasks that run to their end.
        assert_eq!(all.len(), 6);
    }
}
