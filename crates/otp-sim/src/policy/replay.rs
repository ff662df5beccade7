use std::collections::VecDeque;

use super::{TaskId, place_of, unswitched};
use crate::schedule::{Schedule, Turn};
use crate::state::Ready;

/// A recorded schedule, followed as far as it goes: a turn of a task that cannot run is left out. Where the schedule
/// ends, tasks run for as long as they can, and all calls run inline.
pub(crate) struct Replay {
    turns: std::vec::IntoIter<Turn>,
    current: Option<Turn>,
    inline: std::vec::IntoIter<bool>,
    last: Option<TaskId>,
}

impl Replay {
    pub(crate) fn new(schedule: &Schedule) -> Replay {
        Replay {
            turns: schedule.turns.clone().into_iter(),
            current: None,
            inline: schedule.inline.clone().into_iter(),
            last: None,
        }
    }

    pub(super) fn pick(&mut self, ready: &VecDeque<Ready>) -> usize {
        let place = self.scheduled(ready).unwrap_or_else(|| unswitched(ready, self.last));
        self.last = Some(ready[place].id);
        place
    }

    fn scheduled(&mut self, ready: &VecDeque<Ready>) -> Option<usize> {
        loop {
            if let Some(turn) = &mut self.current
                && turn.steps > 0
                && let Some(place) = place_of(ready, turn.task)
            {
                turn.steps -= 1;
                return Some(place);
            }
            self.current = Some(self.turns.next()?);
        }
    }

    pub(super) fn runs_inline(&mut self) -> bool {
        self.inline.next().unwrap_or(true)
    }
}
