use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::queue::TimerQueue;
use super::schedule::Key;
use crate::process::Ref;

/// Cancels a timer that will send a message, or reads the time left. Erlang's timer reference.
///
/// Any process may do so. Dropping the reference does not cancel the timer.
#[derive(Clone)]
pub struct TimerRef {
    queue: Weak<TimerQueue>,
    pub(super) key: Key,
}

impl TimerRef {
    pub(super) fn new(queue: &Arc<TimerQueue>, key: Key) -> TimerRef {
        TimerRef { queue: Arc::downgrade(queue), key }
    }

    /// Cancels the timer and returns the time that was left; `None` if it was no longer running.
    ///
    /// After `Some`, the message is never sent. After `None`, the message may have arrived in a mailbox.
    pub fn cancel(&self) -> Option<Duration> {
        self.queue.upgrade()?.cancel(self.key)
    }

    /// The reference of this timer, which is printed.
    pub fn reference(&self) -> Ref {
        Ref::of_timer(self.key.age)
    }

    /// Returns the time that is left; `None` if the timer is no longer running. For an interval, the time until its
    /// next message.
    pub fn read(&self) -> Option<Duration> {
        self.queue.upgrade()?.read(self.key)
    }
}

impl PartialEq for TimerRef {
    fn eq(&self, other: &TimerRef) -> bool {
        self.key == other.key && self.queue.ptr_eq(&other.queue)
    }
}

impl Eq for TimerRef {}

impl fmt::Debug for TimerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimerRef({})", self.reference().number())
    }
}
