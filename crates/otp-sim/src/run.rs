use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use otp_core::runtime::{Delivery, Instant, Job, Task};
use otp_core::{ExitReason, Process, System};

use crate::config::Threads;
use crate::executor::SimExecutor;
use crate::failure::{Deadlock, Failure, Waiting, WaitingCall};
use crate::faults::{Fault, Kind};
use crate::life::{Life, Who};
use crate::policy::TaskId;
use crate::shared::Shared;
use crate::state::{Phase, State, Work};
use crate::trace::Hit;

/// Runs `main` once with a new system on the simulator, then shuts the system down within five seconds of virtual time.
///
/// Equal seeds give equal runs.
///
/// ```
/// use std::time::Duration;
///
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
///
/// let slept = otp::sim::run(42, async |system| {
///     let start = system.now();
///     system.sleep(DAY).await;
///     system.now() - start
/// });
/// assert!(slept >= DAY, "without waiting for it");
/// ```
///
/// # Panics
///
/// If `main` panics, if the calling thread already runs an executor, and with the text of a [`Failure`].
pub fn run<F, Fut>(seed: u64, main: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    SimExecutor::new(seed).run(main).unwrap_or_else(|nested| panic!("{nested}"))
}

/// A run of an executor until its goal is reached.
pub(crate) struct Run<'a> {
    shared: &'a Arc<Shared>,
    goal: Goal<'a>,
    main: Option<usize>,
}

/// The condition that ends a run.
pub(crate) enum Goal<'a> {
    /// This future is ready.
    Main(Pin<&'a mut dyn Future<Output = ()>>),
    /// All tasks wait.
    Rest,
}

/// The next thing to poll or run.
enum Next {
    Main(Waker),
    Task(usize, Task, Waker),
    Job(Job),
    /// All tasks wait, and that was the goal.
    Rests,
}

/// The task that was polled and is not ready.
enum Done {
    Nothing,
    Main(Waker),
    Task(usize, Task, Waker),
}

impl<'a> Run<'a> {
    pub(crate) fn begin(shared: &'a Arc<Shared>, goal: Goal<'a>) -> Run<'a> {
        let mut state = shared.lock();
        state.phase = Phase::Running;
        state.busy = 0;
        let main = match goal {
            Goal::Main(_) => Some(state.add(Work::Main, Life::MAIN, None, |key, id| shared.waker(key, id))),
            Goal::Rest => None,
        };
        drop(state);
        Run { shared, goal, main }
    }

    pub(crate) fn run_to_its_end(mut self) -> Result<(), Failure> {
        let mut done = Done::Nothing;
        loop {
            done = match self.next(done)? {
                Next::Main(waker) => {
                    let Goal::Main(main) = &mut self.goal else { unreachable!("only such a goal has a main function") };
                    match main.as_mut().poll(&mut Context::from_waker(&waker)) {
                        Poll::Ready(()) => return Ok(()),
                        Poll::Pending => Done::Main(waker),
                    }
                }
                Next::Task(key, mut task, waker) => match Pin::new(&mut task).poll(&mut Context::from_waker(&waker)) {
                    Poll::Pending => Done::Task(key, task, waker),
                    Poll::Ready(()) => {
                        let slot = self.shared.lock().remove(key);
                        drop((slot, task));
                        Done::Nothing
                    }
                },
                Next::Job(job) => {
                    job.run();
                    Done::Nothing
                }
                Next::Rests => return Ok(()),
            };
            if self.shared.has_invariants.load(Ordering::Relaxed) {
                self.check_invariants()?;
            }
        }
    }

    /// Puts the polled task back and takes the next one, under one lock if nothing else happens.
    fn next(&self, done: Done) -> Result<Next, Failure> {
        let mut state = self.shared.lock();
        let crashed = match done {
            Done::Nothing => None,
            Done::Main(waker) => state.put_back(self.main.expect("it was polled"), Work::Main, Some(waker)),
            Done::Task(key, task, waker) => state.put_back(key, Work::Task(task), Some(waker)),
        };
        if crashed.is_some() {
            drop(state);
            drop(crashed);
            state = self.shared.lock();
        }
        if let Some(what) = state.intruder.take() {
            return Err(Failure::Thread { what });
        }
        let step = state.step_nanos;
        self.shared.advance(self.shared.now().as_nanos().saturating_add(step));
        if state.has_faults {
            state = self.inject(state);
        }
        loop {
            if state.next_deadline().is_some_and(|deadline| deadline <= self.shared.now().as_nanos()) {
                state = self.fire(state);
                continue;
            }
            if !state.ready.is_empty() {
                break;
            }
            state.busy = 0;
            if let Goal::Rest = self.goal {
                return Ok(Next::Rests);
            }
            if let Some(deadline) = state.next_deadline() {
                if let Some(recording) = &mut state.recording {
                    recording.rests(deadline);
                }
                self.shared.advance(deadline);
            } else if state.config.threads == Threads::Awaited {
                state = self.shared.wait(state);
            } else {
                return Err(Failure::Deadlock(self.deadlock(state)));
            }
        }
        self.count(&mut state)?;
        let (ready, work, waker) = state.pick();
        self.shared.mix(ready.id.0);
        let waker = waker.expect("it is not being polled");
        Ok(match work {
            Work::Main => Next::Main(waker),
            Work::Task(task) => Next::Task(ready.key, task, waker),
            Work::Job(job) => {
                let slot = state.remove(ready.key);
                drop(state);
                drop((slot, waker));
                Next::Job(job)
            }
            Work::Away => unreachable!("a task that is away is not ready"),
        })
    }

    fn count(&self, state: &mut State) -> Result<(), Failure> {
        state.steps += 1;
        state.busy += 1;
        if state.steps > state.config.step_limit {
            let time = self.shared.now() - Instant::ORIGIN;
            return Err(Failure::StepLimit { steps: state.config.step_limit, time });
        }
        if state.busy > state.config.busy_limit {
            let ready = state.ready.iter().filter_map(|ready| state.tasks.get(ready.key));
            let mut busy: Vec<String> = ready.map(|slot| slot.name()).collect();
            busy.sort();
            return Err(Failure::Livelock { steps: state.config.busy_limit, busy: busy.join(", ") });
        }
        let (steps, now) = (state.steps, self.shared.now().as_nanos());
        if let Some(recording) = &mut state.recording {
            recording.step(steps, now);
        }
        Ok(())
    }

    /// Performs everything that is due. Wakers and deliveries take the lock themselves.
    fn fire<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let now = self.shared.now().as_nanos();
        state.unpause(now);
        let messages = state.held.due(now);
        let timer = state.timers.fire(now);
        let hosts = state.programs.due(now);
        self.shared.holding.store(!state.held.is_empty(), Ordering::Relaxed);
        let (_, sockets) = self.shared.act_on_net(&mut state, |net, around| net.fire(around));
        drop(state);
        messages.into_iter().for_each(Delivery::deliver);
        timer.into_iter().for_each(Waker::wake);
        sockets.wake();
        for host in &hosts {
            self.shared.start(host);
        }
        self.shared.lock()
    }

    /// Draws the faults of this step.
    fn inject<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        if let Some(fault) = state.injector.draw(Kind::Jump) {
            let lasting = state.injector.duration(fault);
            let nanos = i64::try_from(lasting.as_nanos()).unwrap_or(i64::MAX);
            self.shared.jump_wall(if fault.value >> 63 == 0 { nanos } else { -nanos });
            if let Some(recording) = &mut state.recording {
                recording.fault(fault, Hit::Nothing, lasting);
            }
        }
        for kind in [Kind::Kill, Kind::Pause] {
            if let Some(fault) = state.injector.draw(kind) {
                state = self.hit(state, fault);
            }
        }
        match state.injector.draw(Kind::Crash) {
            Some(fault) => self.crash(state, fault),
            None => state,
        }
    }

    /// Crashes a host that the fault chooses, which starts again later.
    fn crash<'s>(&'s self, mut state: MutexGuard<'s, State>, fault: Fault) -> MutexGuard<'s, State> {
        let hosts = state.programs.up();
        let Some((number, host)) = chosen(&fault, hosts, |(number, _)| *number) else { return state };
        let lasting = state.injector.duration(fault);
        if let Some(recording) = &mut state.recording {
            recording.fault(Fault { victim: Some(number), ..fault }, Hit::Host(host.clone()), lasting);
        }
        drop(state);
        self.shared.crash(&host, Some((self.shared.now() + lasting).as_nanos()));
        self.shared.lock()
    }

    /// Kills or pauses a process that the fault chooses.
    fn hit<'s>(&'s self, state: MutexGuard<'s, State>, fault: Fault) -> MutexGuard<'s, State> {
        let mut slots: Vec<_> = state.tasks.iter().collect();
        slots.sort_unstable_by_key(|(_, slot)| slot.id);
        let processes: Vec<(usize, TaskId, Who, Process)> =
            slots.into_iter().filter_map(|(key, slot)| Some((key, slot.id, slot.who?, slot.process()?))).collect();
        let faults = state.injector.faults().clone();
        drop(state);
        // `may_hit` and the end of the process run users' code, so they run without the lock.
        let may_be_hit =
            |process: &Process| process.system().info(process.pid()).is_some_and(|info| faults.may_hit(&info));
        let processes: Vec<_> = processes.into_iter().filter(|(.., process)| may_be_hit(process)).collect();
        let chosen = chosen(&fault, processes, |(_, task, ..)| task.0);
        let Some((key, victim, who, process)) = chosen else { return self.shared.lock() };
        let fault = Fault { victim: Some(victim.0), ..fault };
        let mut state = self.shared.lock();
        let lasting = if fault.kind == Kind::Pause { state.injector.duration(fault) } else { Duration::ZERO };
        if let Some(recording) = &mut state.recording {
            recording.fault(fault, Hit::Process(who), lasting);
        }
        if fault.kind == Kind::Pause {
            state.pause(key, (self.shared.now() + lasting).as_nanos());
            return state;
        }
        drop(state);
        process.system().exit(process.pid(), ExitReason::Kill);
        self.shared.lock()
    }

    fn check_invariants(&self) -> Result<(), Failure> {
        let mut invariants =
            std::mem::take(&mut *self.shared.invariants.lock().unwrap_or_else(PoisonError::into_inner));
        let broken = invariants.iter_mut().find_map(|invariant| invariant().err());
        // An invariant may have added another one.
        let mut all = self.shared.invariants.lock().unwrap_or_else(PoisonError::into_inner);
        invariants.append(&mut all);
        *all = invariants;
        broken.map_or(Ok(()), |what| Err(Failure::Invariant { what }))
    }

    /// Describes which processes and calls wait.
    fn deadlock(&self, state: MutexGuard<'_, State>) -> Deadlock {
        let calls = state.calls.iter().map(|((callee, _), (caller, message))| {
            let host = state.host(callee.life);
            WaitingCall { host, caller: caller.pid, callee: callee.pid, message }
        });
        let calls: Vec<WaitingCall> = calls.collect();
        let processes = state.processes();
        drop(state);
        Deadlock::new(self.shared.now(), Waiting::all(processes), calls)
    }
}

/// What a fault hits: one that the seed chooses, or the one that it hit in the run that is repeated.
fn chosen<T>(fault: &Fault, mut all: Vec<T>, number: impl Fn(&T) -> u64) -> Option<T> {
    let place = match fault.victim {
        Some(victim) => all.iter().position(|one| number(one) == victim)?,
        None => fault.value.checked_rem(all.len() as u64)? as usize,
    };
    Some(all.swap_remove(place))
}

impl Waiting {
    /// Describes processes; without the state's lock, since that runs users' code.
    pub(crate) fn all(processes: Vec<(Option<Arc<str>>, Process)>) -> Vec<Waiting> {
        let described = processes.into_iter().filter_map(|(host, process)| {
            let info = process.system().info(process.pid())?;
            Some(Waiting { host, pid: info.pid, label: info.label, doing: info.doing, queue: info.queue })
        });
        let mut waiting: Vec<Waiting> = described.collect();
        waiting.sort_unstable_by(|one, other| (&one.host, one.pid).cmp(&(&other.host, other.pid)));
        waiting
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.phase = Phase::Idle;
        let slot = self.main.map(|main| state.remove(main));
        drop(state);
        drop(slot);
    }
}
