use std::collections::VecDeque;
use std::task::Waker;

use otp_core::Pid;
use otp_core::runtime::{Job, Task};
use slab::Slab;

use crate::config::Config;
use crate::dice::{Dice, Purpose};
use crate::policy::{Scheduler, TaskId};
use crate::timers::Timers;

/// All of an executor that changes, under one lock.
pub(crate) struct State {
    pub(crate) tasks: Slab<Slot>,
    /// The tasks that can be polled, each once.
    pub(crate) ready: VecDeque<Ready>,
    pub(crate) timers: Timers,
    pub(crate) scheduler: Scheduler,
    pub(crate) config: Config,
    pub(crate) program: Dice,
    pub(crate) inline: Dice,
    pub(crate) ties: Dice,
    pub(crate) phase: Phase,
    /// Polls so far.
    pub(crate) steps: u64,
    /// Polls since there was last nothing to do.
    pub(crate) busy: u64,
    /// Somebody reached into the run from another thread.
    pub(crate) intruder: Option<String>,
    next_id: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not in a run: anybody may prepare one.
    Idle,
    /// In a run, on one thread.
    Running,
    /// The executor is gone.
    Closed,
}

/// A task, and what is known of it without looking into it.
pub(crate) struct Slot {
    pub(crate) id: TaskId,
    pub(crate) work: Work,
    /// Away while the task is being polled.
    pub(crate) waker: Option<Waker>,
    pub(crate) queued: bool,
    pub(crate) pid: Option<Pid>,
}

pub(crate) enum Work {
    /// The main function of the run, which belongs to whoever runs it.
    Main,
    Task(Task),
    Job(Job),
    /// It is being polled.
    Away,
}

/// A task that can be polled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) key: usize,
    pub(crate) id: TaskId,
}

impl State {
    pub(crate) fn new(seed: u64, config: Config) -> State {
        State {
            tasks: Slab::new(),
            ready: VecDeque::new(),
            timers: Timers::default(),
            scheduler: Scheduler::new(&config.policy, Dice::new(seed, Purpose::Schedule)),
            config,
            program: Dice::new(seed, Purpose::Program),
            inline: Dice::new(seed, Purpose::Inline),
            ties: Dice::new(seed, Purpose::Timers),
            phase: Phase::Idle,
            steps: 0,
            busy: 0,
            intruder: None,
            next_id: 0,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    pub(crate) fn timer_tie(&mut self) -> u64 {
        self.ties.next()
    }

    /// Adds something to do, which can be done at once.
    pub(crate) fn add(&mut self, work: Work, waker: impl FnOnce(usize, TaskId) -> Waker) -> usize {
        let id = TaskId(self.next_id);
        self.next_id += 1;
        let pid = match &work {
            Work::Task(task) => task.process().map(|process| process.pid()),
            Work::Main | Work::Job(_) | Work::Away => None,
        };
        let key = self.tasks.vacant_key();
        self.tasks.insert(Slot { id, work, waker: Some(waker(key, id)), queued: true, pid });
        self.scheduler.added(id);
        self.ready.push_back(Ready { key, id });
        key
    }

    /// Notes that a task can be polled; false if it has ended or that was known.
    pub(crate) fn wake(&mut self, key: usize, id: TaskId) -> bool {
        match self.tasks.get_mut(key) {
            Some(slot) if slot.id == id && !slot.queued => {
                slot.queued = true;
                self.ready.push_back(Ready { key, id });
                true
            }
            _ => false,
        }
    }

    /// Takes the task out that is to be polled next.
    pub(crate) fn pick(&mut self) -> Option<(Ready, Work, Option<Waker>)> {
        if self.ready.is_empty() {
            return None;
        }
        let next = self.scheduler.pick(&mut self.ready);
        let slot = &mut self.tasks[next.key];
        slot.queued = false;
        let work = match slot.work {
            Work::Main => Work::Main,
            _ => std::mem::replace(&mut slot.work, Work::Away),
        };
        Some((next, work, slot.waker.take()))
    }

    /// Puts a task back that has been polled and is not ready.
    pub(crate) fn put_back(&mut self, key: usize, work: Work, waker: Option<Waker>) {
        let slot = &mut self.tasks[key];
        slot.work = work;
        slot.waker = waker;
    }

    /// Removes a task that has ended.
    pub(crate) fn remove(&mut self, key: usize) -> Slot {
        let slot = self.tasks.remove(key);
        if slot.queued {
            // It woke itself in its last poll.
            self.ready.retain(|ready| ready.key != key);
        }
        slot
    }
}
