use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::schedule::Schedule;
use crate::event::{CrashReport, EventBus};
use crate::exit::{Crash, ExitReason};
use crate::label::Label;
use crate::runtime::{BoxTimer, Instant, Runtime, Task};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::system::System;

/// What a timer does when it fires; it returns its next deadline, if there is one.
pub(super) type Action = Box<dyn FnMut() -> Option<Instant> + Send>;

/// All timers of a system that send messages, by deadline; those with the same deadline in the order of their making.
pub(crate) struct TimerQueue {
    runtime: Arc<dyn Runtime>,
    events: Arc<EventBus>,
    next: AtomicU64,
    armed: Mutex<Armed>,
}

#[derive(Default)]
struct Armed {
    schedule: Schedule,
    /// The timer whose action is running and that nobody has cancelled since.
    firing: Option<u64>,
    driver: Driver,
}

/// The task that fires the timers.
#[derive(Default)]
enum Driver {
    /// It has not been needed yet, or its executor has dropped it.
    #[default]
    Absent,
    /// It is about to look at the queue.
    Running,
    /// It waits for this deadline.
    Waiting(Instant, Waker),
}

impl TimerQueue {
    pub(crate) fn new(runtime: Arc<dyn Runtime>, events: Arc<EventBus>) -> TimerQueue {
        TimerQueue { runtime, events, next: AtomicU64::new(1), armed: Mutex::default() }
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn insert(self: &Arc<Self>, system: &System, id: u64, deadline: Instant, action: Action) {
        let mut armed = self.armed.lock();
        armed.schedule.insert(id, deadline, action);
        match &armed.driver {
            Driver::Absent => {
                armed.driver = Driver::Running;
                drop(armed);
                let drive = Drive { queue: Arc::downgrade(self), timer: None };
                system.runtime().spawn(Task::new(drive));
            }
            Driver::Waiting(until, _) if deadline < *until => armed.wake_driver().wake_without(armed),
            Driver::Waiting(..) | Driver::Running => {}
        }
    }

    pub(crate) fn cancel(&self, id: u64) -> Option<Duration> {
        let mut armed = self.armed.lock();
        if armed.firing == Some(id) {
            armed.firing = None;
        }
        let (deadline, action) = armed.schedule.remove(id)?;
        drop(armed);
        drop(action);
        Some(deadline - self.runtime.now())
    }

    pub(super) fn read(&self, id: u64) -> Option<Duration> {
        let deadline = self.armed.lock().schedule.deadline(id)?;
        Some(deadline - self.runtime.now())
    }

    /// How many timers are running.
    pub(crate) fn len(&self) -> usize {
        self.armed.lock().schedule.len()
    }

    /// Fires what is due; returns the next deadline. User code runs without the lock.
    fn fire_due(&self) -> Instant {
        loop {
            let now = self.runtime.now();
            let mut armed = self.armed.lock();
            let (id, action) = match armed.schedule.take_due(now) {
                Ok(due) => due,
                Err(next) => return next,
            };
            armed.firing = Some(id);
            drop(armed);
            let fired = self.contain(|| fire(action));
            let mut armed = self.armed.lock();
            let wanted = armed.firing.take() == Some(id);
            match fired.flatten() {
                Some((next, action)) if wanted => {
                    armed.schedule.insert(id, next, action);
                }
                unwanted => {
                    drop(armed);
                    self.contain(|| drop(unwanted));
                }
            }
        }
    }

    /// Calls code of a timer, which may panic: that timer has ended then, and the others go on.
    fn contain<T>(&self, code: impl FnOnce() -> T) -> Option<T> {
        let crash = |panic| {
            let reason = ExitReason::Error(Crash::from_panic(panic));
            self.events.crashed(CrashReport { pid: None, label: Some(Label::from_static("a timer")), reason });
        };
        catch_unwind(AssertUnwindSafe(code)).map_err(crash).ok()
    }
}

/// Fires a timer; gives it back, with its next deadline, if there is one.
fn fire(mut action: Action) -> Option<(Instant, Action)> {
    action().map(|next| (next, action))
}

impl Armed {
    fn wake_driver(&mut self) -> Wake {
        match std::mem::replace(&mut self.driver, Driver::Running) {
            Driver::Waiting(_, waker) => Wake(Some(waker)),
            Driver::Absent | Driver::Running => Wake(None),
        }
    }
}

struct Wake(Option<Waker>);

impl Wake {
    fn wake_without<T>(self, lock: T) {
        drop(lock);
        if let Some(waker) = self.0 {
            waker.wake();
        }
    }
}

impl Drop for TimerQueue {
    fn drop(&mut self) {
        if let Driver::Waiting(_, waker) = std::mem::take(&mut self.armed.lock().driver) {
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
            let mut armed = queue.armed.lock();
            // Something earlier may have been added since the look.
            if armed.schedule.next() < next {
                continue;
            }
            let before = std::mem::replace(&mut armed.driver, Driver::Waiting(next, cx.waker().clone()));
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
            // The executor is gone. What the timers hold may hold the system, so they go too.
            let before = std::mem::take(&mut *queue.armed.lock());
            drop(before);
        }
    }
}
