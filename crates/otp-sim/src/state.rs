use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use otp_core::Process;
use otp_core::runtime::{Job, Task};
use slab::Slab;

use crate::config::Config;
use crate::dice::{Dice, Purpose};
use crate::faults::{Injector, Kind};
use crate::held::Held;
use crate::life::{Life, Who};
use crate::net::{Network, SimNet};
use crate::policy::{Explorer, Policy, Scheduler, TaskId, unswitched};
use crate::programs::Programs;
use crate::recording::Recording;
use crate::schedule::Moment;
use crate::timers::Timers;

/// The mutable state of an executor, under one lock.
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) tasks: Slab<Slot>,
    /// The tasks that can be polled, each once.
    pub(crate) ready: VecDeque<Ready>,
    pub(crate) timers: Timers,
    pub(crate) held: Held,
    pub(crate) net: Network,
    pub(crate) programs: Programs,
    /// All lives so far, by their numbers.
    pub(crate) lives: Vec<Arc<Life>>,
    /// Paused tasks, with the time at which they may run again.
    pub(crate) paused: Vec<(u64, Ready)>,
    pub(crate) scheduler: Scheduler,
    pub(crate) injector: Injector,
    pub(crate) config: Config,
    /// A stream for each task, so that its numbers do not depend on other tasks.
    program: BTreeMap<TaskId, Dice>,
    pub(crate) inline: Dice,
    pub(crate) ties: Dice,
    pub(crate) phase: Phase,
    /// The current step of the current task, and the number of its decisions about inline calls so far.
    moment: Moment,
    /// The number of polls so far.
    pub(crate) steps: u64,
    /// The number of polls since the run was last idle.
    pub(crate) busy: u64,
    /// The other thread that took part in the run, and what it did.
    pub(crate) intruder: Option<String>,
    /// The caller and the type of each waiting request, by the callee and the key of the call there.
    pub(crate) calls: BTreeMap<(Who, usize), (Who, &'static str)>,
    /// The recording of the run, if there is to be one.
    pub(crate) recording: Option<Box<Recording>>,
    /// The virtual time of a step, in nanoseconds.
    pub(crate) step_nanos: u64,
    /// Whether a fault may happen at the beginning of a step.
    pub(crate) has_faults: bool,
    next_id: u64,
}

/// The source of the decisions of a run.
pub(crate) enum Plan {
    /// The policy of the configuration.
    Policy,
    /// All possible decisions, one run after the other.
    Explore(Explorer),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not in a run: any thread may prepare one.
    Idle,
    /// In a run, on one thread.
    Running,
    /// The executor is gone.
    Closed,
}

/// A task with its state.
pub(crate) struct Slot {
    pub(crate) id: TaskId,
    pub(crate) work: Work,
    /// `None` while the task is being polled.
    pub(crate) waker: Option<Waker>,
    pub(crate) queued: bool,
    pub(crate) paused: bool,
    pub(crate) life: u32,
    /// The process, if the task runs one.
    pub(crate) who: Option<Who>,
    /// The number of polls of the task.
    steps: u64,
}

pub(crate) enum Work {
    /// The main function of the run, which [`Run`](crate::run::Run) polls.
    Main,
    Task(Task),
    Job(Job),
    /// The task is being polled.
    Away,
}

/// A task that can be polled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) key: usize,
    pub(crate) id: TaskId,
    /// The number of its next step.
    pub(crate) step: u64,
    /// The priority, for policies that have priorities.
    pub(crate) priority: u64,
}

impl Ready {
    pub(crate) fn new(key: usize, id: TaskId, step: u64) -> Ready {
        Ready { key, id, step, priority: 0 }
    }
}

impl State {
    pub(crate) fn new(seed: u64, config: Config, plan: Plan) -> State {
        let (schedule, faults) = (Dice::new(seed, Purpose::Schedule), Dice::new(seed, Purpose::Faults));
        let (scheduler, injector) = match plan {
            Plan::Policy => {
                let injector = match &config.policy {
                    Policy::Replay(recorded) => Injector::scripted(config.faults.clone(), faults, recorded),
                    _ => Injector::new(config.faults.clone(), faults),
                };
                (Scheduler::new(&config.policy, schedule), injector)
            }
            Plan::Explore(explorer) => (Scheduler::Explore(explorer), Injector::new(config.faults.clone(), faults)),
        };
        State {
            seed,
            tasks: Slab::new(),
            ready: VecDeque::new(),
            timers: Timers::default(),
            held: Held::default(),
            net: Network::new(seed, &config),
            programs: Programs::default(),
            lives: vec![Life::new(Life::MAIN, SimNet::MAIN)],
            paused: Vec::new(),
            scheduler,
            injector,
            step_nanos: u64::try_from(config.step_time.as_nanos()).unwrap_or(u64::MAX),
            has_faults: [Kind::Kill, Kind::Pause, Kind::Jump, Kind::Crash]
                .into_iter()
                .any(|kind| config.faults.has(kind)),
            config,
            program: BTreeMap::new(),
            inline: Dice::new(seed, Purpose::Inline),
            ties: Dice::new(seed, Purpose::Timers),
            phase: Phase::Idle,
            moment: Moment::default(),
            steps: 0,
            busy: 0,
            intruder: None,
            calls: BTreeMap::new(),
            recording: None,
            next_id: 0,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Adds work of a life that can run at once.
    pub(crate) fn add(
        &mut self,
        work: Work,
        life: u32,
        who: Option<Who>,
        waker: impl FnOnce(usize, TaskId) -> Waker,
    ) -> usize {
        let id = TaskId(self.next_id);
        self.next_id += 1;
        let key = self.tasks.vacant_key();
        let waker = Some(waker(key, id));
        self.tasks.insert(Slot { id, work, waker, queued: true, paused: false, life, who, steps: 0 });
        self.scheduler.added(id);
        self.make_ready(Ready::new(key, id, 1));
        key
    }

    /// Makes a task ready, unless it has ended or is ready already.
    pub(crate) fn wake(&mut self, key: usize, id: TaskId) {
        if let Some(slot) = self.tasks.get_mut(key)
            && slot.id == id
            && !slot.queued
        {
            slot.queued = true;
            if !slot.paused {
                let step = slot.steps + 1;
                self.make_ready(Ready::new(key, id, step));
            }
        }
    }

    fn make_ready(&mut self, mut ready: Ready) {
        ready.priority = self.scheduler.priority(ready.id);
        self.ready.push_back(ready);
    }

    /// Takes the task that is polled next.
    pub(crate) fn pick(&mut self) -> (Ready, Work, Option<Waker>) {
        // Only for a recording, since it looks at all ready tasks.
        let plain = self.recording.is_some().then(|| self.ready[unswitched(&self.ready, Some(self.moment.task))]);
        let next = self.scheduler.pick(&mut self.ready);
        let slot = &mut self.tasks[next.key];
        slot.queued = false;
        slot.steps = next.step;
        self.moment = Moment { task: next.id, step: next.step, nth: 0 };
        self.injector.begin(self.moment);
        let work = match slot.work {
            Work::Main => Work::Main,
            _ => std::mem::replace(&mut slot.work, Work::Away),
        };
        if let (Some(recording), Some(plain)) = (&mut self.recording, plain) {
            recording.ran(next.id, &plain, slot.who, &work);
        }
        (next, work, slot.waker.take())
    }

    /// Puts a task back that was polled and is pending. Returns it, to be dropped without the lock, if its host has crashed
    /// meanwhile.
    pub(crate) fn put_back(&mut self, key: usize, work: Work, waker: Option<Waker>) -> Option<Slot> {
        let slot = &mut self.tasks[key];
        slot.work = work;
        slot.waker = waker;
        let is_over = self.lives[slot.life as usize].is_over();
        is_over.then(|| self.remove(key))
    }

    /// Removes a task that has ended.
    pub(crate) fn remove(&mut self, key: usize) -> Slot {
        let slot = self.tasks.remove(key);
        if slot.queued {
            // The task woke itself in its last poll.
            self.ready.retain(|ready| ready.key != key);
        }
        if slot.paused {
            self.paused.retain(|(_, paused)| paused.key != key);
        }
        slot
    }

    /// Pauses a task until a time.
    pub(crate) fn pause(&mut self, key: usize, until: u64) {
        let slot = &mut self.tasks[key];
        if !slot.paused {
            slot.paused = true;
            self.paused.push((until, Ready::new(key, slot.id, slot.steps + 1)));
            self.ready.retain(|ready| ready.key != key);
        }
    }

    /// Ends the pauses that are over.
    pub(crate) fn unpause(&mut self, now: u64) {
        if self.paused.is_empty() {
            return;
        }
        let over: Vec<_> = self.paused.extract_if(.., |(until, _)| *until <= now).collect();
        for (_, ready) in over {
            let slot = &mut self.tasks[ready.key];
            slot.paused = false;
            if slot.queued {
                self.make_ready(ready);
            }
        }
    }

    /// Decides whether code that can continue in the step of its caller does so, or is scheduled.
    pub(crate) fn goes_on_inline(&mut self) -> bool {
        let inline = self.scheduler.runs_inline(&self.moment).unwrap_or_else(|| self.inline.next() & 1 == 0);
        if let Some(recording) = &mut self.recording
            && !inline
        {
            recording.scheduled(self.moment);
        }
        self.moment.nth += 1;
        inline
    }

    /// A random number for the code that is running.
    pub(crate) fn random(&mut self) -> u64 {
        let (seed, task) = (self.seed, self.moment.task);
        self.program.entry(task).or_insert_with(|| Dice::new(seed, Purpose::Program).part(task.0)).next()
    }

    pub(crate) fn is_paused(&self, who: Who) -> bool {
        self.paused.iter().any(|(_, ready)| self.tasks[ready.key].who == Some(who))
    }

    /// The host of a life; `None` for that of the main function.
    pub(crate) fn host(&self, life: u32) -> Option<Arc<str>> {
        (life != Life::MAIN).then(|| self.lives[life as usize].host.clone())
    }

    /// All processes that are not being polled, with their hosts.
    pub(crate) fn processes(&self) -> Vec<(Option<Arc<str>>, Process)> {
        self.tasks.iter().filter_map(|(_, slot)| Some((self.host(slot.life), slot.process()?))).collect()
    }

    /// The next time at which a timer, message, socket event, end of a pause or restart is due.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        let paused = self.paused.iter().map(|(until, _)| *until).min();
        let next = [self.timers.next(), self.held.next(), self.net.next(), self.programs.next(), paused];
        next.into_iter().flatten().min()
    }
}

impl Slot {
    /// The process that the task runs, if it is not being polled.
    pub(crate) fn process(&self) -> Option<Process> {
        match &self.work {
            Work::Task(task) => task.process(),
            Work::Main | Work::Job(_) | Work::Away => None,
        }
    }

    pub(crate) fn name(&self) -> String {
        match (&self.work, self.who) {
            (Work::Main, _) => "main".to_owned(),
            (_, Some(who)) => who.pid.to_string(),
            (_, None) => format!("task {}", self.id.0),
        }
    }
}
