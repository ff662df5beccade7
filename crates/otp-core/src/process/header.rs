use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

use futures::task::AtomicWaker;

use super::inline::Pace;
use super::message::Signal;
use super::relations::{Dead, Relations, Waiter};
use super::state::State;
use super::{Doing, Pid};
use crate::exit::ExitReason;
use crate::runtime::Instant;
use crate::sync::Mutex;
use crate::system::System;

/// What every process has, whatever its messages are.
pub(crate) struct Header {
    pub(crate) pid: Pid,
    pub(crate) state: State,
    /// Messages that may still be received or sent before the process lets its siblings run.
    budget: AtomicU32,
    doing: AtomicU8,
    /// Reply tokens were dropped, and their callers have not been told.
    dropped: AtomicBool,
    /// Callers are told of dropped tokens only when the process says so, or ends.
    holds_dropped: AtomicBool,
    pub(crate) parent: Pid,
    pub(crate) label: &'static str,
    pub(crate) started: Instant,
    handled: AtomicU64,
    pub(crate) pace: Pace,
    /// The executor's waker for the task that polls this process.
    pub(crate) executor: AtomicWaker,
    pub(crate) relations: Mutex<Relations>,
    pub(crate) system: System,
}

/// A process yields after this many messages. A yield costs about as much as one message; a sibling waits for at
/// most this many.
pub(crate) const BUDGET: u32 = 128;

impl Header {
    pub(crate) fn new(system: System, pid: Pid, parent: Pid, label: &'static str, trapping: bool) -> Header {
        Header {
            pid,
            state: State::new(trapping),
            budget: AtomicU32::new(BUDGET),
            doing: AtomicU8::new(Doing::Starting as u8),
            dropped: AtomicBool::new(false),
            holds_dropped: AtomicBool::new(false),
            parent,
            label,
            started: system.now(),
            handled: AtomicU64::new(0),
            pace: Pace::default(),
            executor: AtomicWaker::new(),
            relations: Mutex::new(Relations::default()),
            system,
        }
    }

    /// Wakes the process, from any thread.
    pub(crate) fn notify(&self) {
        if self.state.notify() {
            self.executor.wake();
        }
    }

    pub(crate) fn set_budget(&self, budget: u32) {
        self.budget.store(budget, Ordering::Relaxed);
    }

    /// Pays for one message that is received or sent; false if the process has to yield first, for which it gets a
    /// new budget. Only code of the process calls this, so that the two steps need not be one.
    pub(crate) fn spend(&self) -> bool {
        match self.budget.load(Ordering::Relaxed) {
            0 => {
                // Not left to the next poll of the process: what receives may be a task that polls on its own.
                self.set_budget(BUDGET);
                false
            }
            left => {
                self.budget.store(left - 1, Ordering::Relaxed);
                true
            }
        }
    }

    /// Counts one message or signal as received.
    pub(crate) fn count_received(&self) {
        self.handled.store(self.handled.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    pub(crate) fn set_doing(&self, doing: Doing) {
        self.doing.store(doing as u8, Ordering::Relaxed);
    }

    pub(crate) fn doing(&self) -> Doing {
        Doing::from_u8(self.doing.load(Ordering::Relaxed))
    }

    /// Has `waiter` told of the end; the reason, if the process has ended and all that follows from it has happened.
    pub(crate) fn watch(&self, waiter: Arc<dyn Waiter>) -> Result<usize, ExitReason> {
        match &mut *self.relations.lock() {
            Relations::Alive(alive) => Ok(alive.waiting.insert(waiter)),
            Relations::Dead(Dead { waiting: Some(waiting), .. }) => Ok(waiting.insert(waiter)),
            Relations::Dead(dead) => Err(dead.reason.clone()),
        }
    }

    /// Forgets a waiter, by its place.
    pub(crate) fn unwatch(&self, place: usize) {
        let waiter = self.relations.lock().waiting().and_then(|waiting| waiting.try_remove(place));
        drop(waiter);
    }

    /// Notes that code of this process dropped a reply token. Its caller is not told before it is known whether the
    /// process goes on: if it ends, the reason is the better answer.
    pub(crate) fn token_dropped(&self, waiter: Arc<dyn Waiter>) {
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else {
            drop(relations);
            return waiter.dropped();
        };
        alive.rare().dropped.push(waiter);
        self.dropped.store(true, Ordering::Relaxed);
    }

    /// The process goes on: callers whose tokens it dropped are told.
    pub(crate) fn settle_dropped(&self) {
        if !self.dropped.load(Ordering::Relaxed) {
            return;
        }
        self.dropped.store(false, Ordering::Relaxed);
        let dropped = self.relations.lock().alive().map(|alive| std::mem::take(&mut alive.rare().dropped));
        dropped.into_iter().flatten().for_each(|waiter| waiter.dropped());
    }

    /// As [`settle_dropped`](Header::settle_dropped), at the end of a poll, unless the process decides itself.
    pub(crate) fn settle_after_poll(&self) {
        if !self.holds_dropped.load(Ordering::Relaxed) {
            self.settle_dropped();
        }
    }

    pub(crate) fn hold_dropped(&self) {
        self.holds_dropped.store(true, Ordering::Relaxed);
    }
}

/// A process without its message type.
pub(crate) trait AnyProcess: Send + Sync {
    fn header(&self) -> &Header;

    /// Queues a signal and hands it back if the process no longer receives. The caller wakes the process.
    fn push_signal(&self, signal: Box<Signal>) -> Result<(), Box<Signal>>;

    /// Takes signals out of what has arrived.
    fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool);

    /// Messages that wait, and the bound if there is one.
    fn queue(&self) -> (usize, Option<usize>);

    /// Puts a `ProcessRef<M>` into `slot`, if that is an `Option<ProcessRef<M>>` of the right `M`.
    fn typed(self: Arc<Self>, slot: &mut dyn Any);
}
