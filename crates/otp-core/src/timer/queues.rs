use std::sync::Arc;

use super::queue::TimerQueue;
use super::schedule::Schedule;
use crate::event::EventBus;
use crate::process::Pid;
use crate::runtime::Runtime;

/// All timers of a system that send messages. All timers for one process are in one queue, so that they fire in order;
/// those for different processes are in several, so that threads do not wait for each other.
pub(crate) struct TimerQueues {
    queues: Box<[Arc<TimerQueue>]>,
}

/// Each has a task and a backend timer of its own, once it is used.
const QUEUES: usize = 8;

impl TimerQueues {
    /// With a director there is one queue, so that the director decides about one task.
    pub(crate) fn new(runtime: &Arc<dyn Runtime>, events: &Arc<EventBus>) -> TimerQueues {
        let count = if runtime.director().is_some() { 1 } else { QUEUES };
        let queue = |number| TimerQueue::new(runtime.clone(), events.clone(), Schedule::one_of(count, number));
        TimerQueues { queues: (0..count).map(|number| Arc::new(queue(number))).collect() }
    }

    /// The queue of the timers for this process, or of those whose receiver is found when they fire.
    pub(super) fn of(&self, receiver: Option<Pid>) -> &Arc<TimerQueue> {
        let number = receiver.map_or(0, |pid| pid.number() as usize);
        &self.queues[number % self.queues.len()]
    }

    /// The number of running timers.
    pub(super) fn len(&self) -> usize {
        self.queues.iter().map(|queue| queue.len()).sum()
    }
}
