use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::schedule::{Key, Schedule};
use crate::event::{CrashReport, EventBus};
use crate::exit::contain;
use crate::label::Label;
use crate::process::{Alive, Belonging, Belongings, End, Header, Relations};
use crate::runtime::{BoxTimer, Instant, Runtime, Task};
use crate::sync::Mutex;
use crate::system::System;

/// The action of a timer when it fires; returns the next deadline, if there is one.
pub(super) type Action = Box<dyn FnMut() -> Option<Instant> + Send>;

/// Timers that send messages, by deadline; those with the same deadline in the order in which they were made. It shares
/// no cache line with other queues.
#[repr(align(128))]
pub(crate) struct TimerQueue {
    runtime: Arc<dyn Runtime>,
    events: Arc<EventBus>,
    armed: Mutex<Armed>,
}

struct Armed {
    schedule: Schedule,
    driver: Driver,
}

/// The task that fires the timers.
#[derive(Default)]
enum Driver {
    /// Not needed yet, or its executor has dropped it.
    #[default]
    Absent,
    /// About to look at the queue.
    Running,
    /// Waiting for this deadline.
    Waiting(Instant, Waker),
}

/// The timers of a process, as one of its belongings: their ring.
struct Timers(Key);

impl Belonging for Timers {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        end.system.timers().of(Some(end.pid)).cancel_ring(self.0);
    }
}

/// Adds an armed timer to those of its process.
fn join(schedule: &mut Schedule, key: Key, alive: &mut Alive) {
    match alive.belongings().and_then(Belongings::find_mut) {
        Some(Timers(ring)) => schedule.join(key, ring),
        None => {
            let ring = schedule.begin(key);
            alive.keep(Box::new(Timers(ring)));
        }
    }
}

impl TimerQueue {
    pub(super) fn new(runtime: Arc<dyn Runtime>, events: Arc<EventBus>, schedule: Schedule) -> TimerQueue {
        TimerQueue { runtime, events, armed: Mutex::new(Armed { schedule, driver: Driver::Absent }) }
    }

    /// Makes a timer that is not armed yet.
    pub(super) fn make(&self) -> Key {
        self.armed.lock().schedule.make()
    }

    /// Arms a timer, or a new one if none was made; for a process, if there is one: the timer is not armed if the
    /// process has ended, and its end will cancel the timer.
    pub(super) fn arm(
        self: &Arc<Self>,
        system: &System,
        made: Option<Key>,
        deadline: Instant,
        process: Option<&Header>,
        action: Action,
    ) -> Key {
        // The process's lock always comes first.
        let mut relations = process.map(|process| process.relations.lock());
        let alive = relations.as_deref_mut().map(Relations::alive);
        let mut armed = self.armed.lock();
        let key = made.unwrap_or_else(|| armed.schedule.make());
        let refused = match alive {
            Some(None) => {
                armed.schedule.remove(key);
                Err(action)
            }
            None => armed.schedule.arm(key, deadline, action),
            Some(Some(alive)) => {
                armed.schedule.arm(key, deadline, action).map(|()| join(&mut armed.schedule, key, alive))
            }
        };
        let roused = refused.is_ok().then(|| armed.rouse(deadline)).flatten();
        drop(armed);
        drop(relations);
        drop(refused);
        match roused {
            Some(Driver::Absent) => {
                system.runtime().spawn(Task::new(Drive { queue: Arc::downgrade(self), timer: None }));
            }
            Some(Driver::Waiting(_, waker)) => waker.wake(),
            Some(Driver::Running) | None => {}
        }
        key
    }

    pub(super) fn cancel(&self, key: Key) -> Option<Duration> {
        let removed = self.armed.lock().schedule.remove(key);
        let (deadline, action) = removed?;
        drop(action);
        Some(deadline - self.runtime.now())
    }

    /// Cancels the timers of a process that has ended, oldest first.
    fn cancel_ring(&self, ring: Key) {
        loop {
            let mut armed = self.armed.lock();
            let first = armed.schedule.first(ring);
            let removed = armed.schedule.remove(first.unwrap_or(ring));
            drop(armed);
            self.reported(|| drop(removed));
            if first.is_none() {
                return;
            }
        }
    }

    pub(super) fn read(&self, key: Key) -> Option<Duration> {
        let deadline = self.armed.lock().schedule.deadline(key)?;
        Some(deadline - self.runtime.now())
    }

    /// The number of running timers.
    pub(super) fn len(&self) -> usize {
        self.armed.lock().schedule.len()
    }

    /// Fires the timers that are due; returns the next deadline. User code runs without the lock.
    fn fire_due(&self) -> Instant {
        loop {
            let now = self.runtime.now();
            let mut armed = self.armed.lock();
            let (key, action) = match armed.schedule.take_due(now) {
                Ok(due) => due,
                Err(next) => return next,
            };
            drop(armed);
            let fired = self.reported(|| fire(action)).flatten();
            let mut armed = self.armed.lock();
            let over = match fired {
                Some((next, action)) => armed.schedule.arm(key, next, action).err(),
                None => armed.schedule.remove(key).map(|(_, action)| action),
            };
            drop(armed);
            self.reported(|| drop(over));
        }
    }

    /// Calls code of a timer. A panic ends that timer, and the others continue.
    fn reported<T>(&self, code: impl FnOnce() -> T) -> Option<T> {
        let report = |crash| {
            let label = Some(Label::from_static("a timer"));
            self.events.crashed(CrashReport::outside(label, crash));
        };
        contain(code).map_err(report).ok()
    }
}

/// Fires a timer; gives it back, with its next deadline, if there is one.
fn fire(mut action: Action) -> Option<(Instant, Action)> {
    action().map(|next| (next, action))
}

impl Armed {
    /// Makes sure that the driver looks at the queue before `deadline`; returns the driver's previous state, if it has
    /// to be started or woken for that.
    fn rouse(&mut self, deadline: Instant) -> Option<Driver> {
        let too_late = match &self.driver {
            Driver::Absent => true,
            Driver::Running => false,
            Driver::Waiting(until, _) => deadline < *until,
        };
        too_late.then(|| std::mem::replace(&mut self.driver, Driver::Running))
    }
}

impl Drop for TimerQueue {
    fn drop(&mut self) {
        let driver = std::mem::take(&mut self.armed.lock().driver);
        if let Driver::Waiting(_, waker) = driver {
            waker.wake();
        }
    }
}

/// The future that fires the timers of one queue, and ends when the queue is gone.
struct Drive {
    queue: Weak<TimerQueue>,
    timer: Option<BoxTimer>,
}

impl Future for Drive {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(queue) = this.queue.upgrade() else { return Poll::Ready(()) };
        loop {
            let next = queue.fire_due();
            let waker = cx.waker().clone();
            let mut armed = queue.armed.lock();
            // Something earlier may have been added since the look.
            if armed.schedule.next() < next {
                continue;
            }
            let before = std::mem::replace(&mut armed.driver, Driver::Waiting(next, waker));
            drop(armed);
            drop(before);
            if next == Instant::FAR_FUTURE {
                return Poll::Pending;
            }
            let timer = match &mut this.timer {
                Some(timer) => {
                    timer.as_mut().reset(next);
                    timer
                }
                None => this.timer.insert(queue.runtime.timer(next)),
            };
            if timer.as_mut().poll_expired(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.upgrade() {
            // The executor is gone. The timers are dropped too, because their messages may hold the system.
            let mut armed = queue.armed.lock();
            let (schedule, driver) = (armed.schedule.take(), std::mem::take(&mut armed.driver));
            drop(armed);
            drop(driver);
            for action in schedule.into_actions() {
                queue.reported(|| drop(action));
            }
        }
    }
}
