//! Makes a schedule that fails simpler, as delta debugging does with an input (Zeller and Hildebrandt, "Simplifying and
//! Isolating Failure-Inducing Input", IEEE TSE 2002): leave parts out, and keep what still fails.

use crate::schedule::Schedule;

/// Looks for a simpler schedule in at most `budget` runs; returns how many it took.
///
/// `fails` runs a candidate; if that fails in the same way, it tells the schedule that the run in truth had, with what
/// else is known of it, and `simplest` is the last of those that were simpler than all before.
pub(crate) fn shrink<T>(
    recorded: Schedule,
    budget: u32,
    fails: impl FnMut(&Schedule) -> Option<(Schedule, T)>,
    simplest: &mut Option<T>,
) -> u32 {
    let mut search = Search { best: recorded, runs: 0, budget, fails, simplest };
    loop {
        let before = weight(&search.best);
        search.leave_out_faults();
        search.have_calls_run_inline();
        search.leave_out_turns();
        search.join_turns();
        if weight(&search.best) == before || search.runs == budget {
            return search.runs;
        }
    }
}

struct Search<'a, T, F> {
    best: Schedule,
    runs: u32,
    budget: u32,
    fails: F,
    simplest: &'a mut Option<T>,
}

/// What is simpler comes first: fewer faults, fewer context switches, fewer calls that do not run inline, fewer steps.
fn weight(schedule: &Schedule) -> (usize, usize, usize, u64) {
    let scheduled = schedule.inline.iter().filter(|inline| !**inline).count();
    let steps = schedule.turns.iter().map(|turn| u64::from(turn.steps)).sum();
    (schedule.faults.len(), schedule.turns.len(), scheduled, steps)
}

impl<T, F> Search<'_, T, F>
where
    F: FnMut(&Schedule) -> Option<(Schedule, T)>,
{
    /// Runs a candidate; it is the best one if it fails and is simpler.
    fn is_better(&mut self, candidate: &Schedule) -> bool {
        if self.runs == self.budget {
            return false;
        }
        self.runs += 1;
        let Some((ran, known)) = (self.fails)(candidate) else { return false };
        let better = weight(&ran) < weight(&self.best);
        if better {
            self.best = ran;
            *self.simplest = Some(known);
        }
        better
    }

    fn leave_out_faults(&mut self) {
        if !self.best.faults.is_empty() {
            let without = Schedule { faults: Vec::new(), ..self.best.clone() };
            if self.is_better(&without) {
                return;
            }
        }
        let mut index = self.best.faults.len();
        while index > 0 {
            index = (index - 1).min(self.best.faults.len().saturating_sub(1));
            if self.best.faults.is_empty() {
                return;
            }
            let mut without = self.best.clone();
            without.faults.remove(index);
            self.is_better(&without);
        }
    }

    fn have_calls_run_inline(&mut self) {
        if self.best.inline.contains(&false) {
            let all = Schedule { inline: Vec::new(), ..self.best.clone() };
            self.is_better(&all);
        }
    }

    fn leave_out_turns(&mut self) {
        let mut size = self.best.turns.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.best.turns.len() && self.runs < self.budget {
                let mut without = self.best.clone();
                without.turns.drain(from..(from + size).min(self.best.turns.len()));
                if !self.is_better(&without) {
                    from += size;
                }
            }
            if size == 1 || self.runs == self.budget {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    /// Has a task do in one turn what it does in two, at the place of the first one or of the second.
    fn join_turns(&mut self) {
        let mut first = 0;
        while first < self.best.turns.len() && self.runs < self.budget {
            let task = self.best.turns[first].task;
            let after = self.best.turns[first + 1..].iter().position(|turn| turn.task == task);
            let Some(second) = after.map(|distance| first + 1 + distance) else {
                first += 1;
                continue;
            };
            let joined = |kept: usize, gone: usize| {
                let mut joined = self.best.clone();
                joined.turns[kept].steps += joined.turns[gone].steps;
                joined.turns.remove(gone);
                joined
            };
            let candidates = [joined(first, second), joined(second, first)];
            if !candidates.iter().any(|candidate| self.is_better(candidate)) {
                first += 1;
            }
        }
    }
}
