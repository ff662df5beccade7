use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{TaskId, place_of, unswitched};
use crate::schedule::{Moment, Schedule};
use crate::state::Ready;

/// Repeats a recorded schedule: a task runs for as long as it can, except where the schedule switches to another one. A
/// switch to a task that is not ready is left out.
pub(crate) struct Replay {
    /// The tasks that run instead, in their order, by the task and its step.
    switches: BTreeMap<(TaskId, u64), VecDeque<TaskId>>,
    scheduled: BTreeSet<Moment>,
    last: Option<TaskId>,
}

impl Replay {
    pub(crate) fn new(schedule: &Schedule) -> Replay {
        let mut switches: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for switch in &schedule.switches {
            switches.entry((switch.task, switch.step)).or_default().push_back(switch.to);
        }
        Replay { switches, scheduled: schedule.scheduled.iter().copied().collect(), last: None }
    }

    pub(super) fn pick(&mut self, ready: &VecDeque<Ready>) -> usize {
        let next = unswitched(ready, self.last);
        let mut instead = self.switches.get_mut(&(ready[next].id, ready[next].step));
        let place = loop {
            match instead.as_mut().and_then(|instead| instead.pop_front()) {
                None => break next,
                Some(task) => {
                    if let Some(place) = place_of(ready, task) {
                        break place;
                    }
                }
            }
        };
        self.last = Some(ready[place].id);
        place
    }

    pub(super) fn runs_inline(&self, moment: &Moment) -> bool {
        !self.scheduled.contains(moment)
    }
}
