//! Simplifies a schedule that fails, by delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
//! Failure-Inducing Input", IEEE TSE 2002): leave parts out, and keep schedules that still fail.

use crate::schedule::Schedule;

/// Looks for a simpler schedule in at most `budget` runs; returns the number of runs.
///
/// `fails` runs a candidate. If the run fails in the same way, it returns the schedule that the run actually had, and a
/// value for the run. `simplest` becomes the value of the simplest run.
pub(crate) fn shrink<T>(
    recorded: Schedule,
    budget: u32,
    fails: impl FnMut(&Schedule) -> Option<(Schedule, T)>,
    simplest: &mut Option<T>,
) -> u32 {
    let mut search = Search { best: recorded, runs: 0, budget, fails, simplest };
    loop {
        let before = weight(&search.best);
        for part in [Part::Faults, Part::Switches, Part::Calls] {
            search.thin(part);
        }
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

/// The parts of a schedule that can be left out.
#[derive(Clone, Copy)]
enum Part {
    Faults,
    Switches,
    Calls,
}

impl Part {
    fn len(self, schedule: &Schedule) -> usize {
        match self {
            Part::Faults => schedule.faults.len(),
            Part::Switches => schedule.switches.len(),
            Part::Calls => schedule.scheduled.len(),
        }
    }

    fn without(self, schedule: &Schedule, places: std::ops::Range<usize>) -> Schedule {
        let mut less = schedule.clone();
        match self {
            Part::Faults => drop(less.faults.drain(places)),
            Part::Switches => drop(less.switches.drain(places)),
            Part::Calls => drop(less.scheduled.drain(places)),
        }
        less
    }
}

/// The weight of a schedule, less if it is simpler: faults first, then context switches, then calls that are scheduled.
fn weight(schedule: &Schedule) -> (usize, usize, usize) {
    (schedule.faults.len(), schedule.switches.len(), schedule.scheduled.len())
}

impl<T, F> Search<'_, T, F>
where
    F: FnMut(&Schedule) -> Option<(Schedule, T)>,
{
    /// Removes the items of a part that are not needed: all, then each half, and so on down to single items. The last
    /// ones go first, since steps after the cause of a failure matter least.
    fn thin(&mut self, part: Part) {
        let mut size = part.len(&self.best);
        while size > 0 {
            let mut end = part.len(&self.best);
            while end > 0 && self.runs < self.budget {
                let start = end.saturating_sub(size);
                let candidate = part.without(&self.best, start..end);
                self.is_better(&candidate);
                // The run may have had fewer items than the candidate.
                end = start.min(part.len(&self.best));
            }
            size /= 2;
        }
    }

    /// Runs a candidate, and keeps it as the best one if it fails and is simpler.
    fn is_better(&mut self, candidate: &Schedule) -> bool {
        self.runs += 1;
        let Some((ran, known)) = (self.fails)(candidate) else { return false };
        let better = weight(&ran) < weight(&self.best);
        if better {
            self.best = ran;
            *self.simplest = Some(known);
        }
        better
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::TaskId;
    use crate::schedule::Switch;

    /// A schedule with this number of switches, each at a step of its own.
    fn schedule(switches: u64) -> Schedule {
        let switch = |step| Switch { task: TaskId(1), step, to: TaskId(2) };
        Schedule { switches: (0..switches).map(switch).collect(), ..Schedule::new(1) }
    }

    fn steps(schedule: &Schedule) -> Vec<u64> {
        schedule.switches.iter().map(|switch| switch.step).collect()
    }

    /// Shrinks to the needed switches; returns what is left, and the number of runs.
    fn shrunk(switches: u64, needed: &[u64], budget: u32) -> (Vec<u64>, u32) {
        let mut simplest = None;
        let fails = |candidate: &Schedule| {
            let have = steps(candidate);
            needed.iter().all(|step| have.contains(step)).then(|| (candidate.clone(), have))
        };
        let runs = shrink(schedule(switches), budget, fails, &mut simplest);
        (simplest.unwrap_or_else(|| (0..switches).collect()), runs)
    }

    #[test]
    fn what_is_not_needed_goes_in_about_as_many_runs_as_halving_takes() {
        // A binary search of at most ten runs for each of the three, and a second round with the remaining switches.
        let (left, runs) = shrunk(1_000, &[3, 500, 501], 1_000);
        assert_eq!(left, [3, 500, 501]);
        assert!(runs <= 2 * 3 * 10 + 10, "{runs}");
    }

    #[test]
    fn a_budget_is_kept() {
        let (left, runs) = shrunk(1_000, &[3, 500, 501], 20);
        assert_eq!(runs, 20);
        assert!(left.len() < 500 && left.contains(&3), "{left:?}");
    }

    #[test]
    fn what_needs_nothing_takes_a_run() {
        let (left, runs) = shrunk(1_000, &[], 1_000);
        assert!(left.is_empty() && runs == 1, "{runs}");
    }
}
