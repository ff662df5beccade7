use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use otp_core::System;
use otp_core::runtime::{Entered, Executor, NestedRun, Runtime, Task};

use crate::config::{Config, Threads};
use crate::failure::Failure;
use crate::runtime::SimRuntime;
use crate::shared::Shared;
use crate::state::{Phase, Work};

/// An executor on which a seed decides everything, in virtual time, on the thread that calls it.
///
/// Dropping it drops its tasks, so that the processes on it end.
pub struct SimExecutor {
    shared: Arc<Shared>,
}

/// How long [`SimExecutor::run`] waits, in virtual time, for the processes that are left when its main function has
/// returned.
const SHUTDOWN: Duration = Duration::from_secs(5);

impl SimExecutor {
    /// An executor with a random schedule.
    pub fn new(seed: u64) -> SimExecutor {
        SimExecutor::with(seed, Config::new())
    }

    /// An executor.
    pub fn with(seed: u64, config: Config) -> SimExecutor {
        SimExecutor { shared: Shared::new(seed, config) }
    }

    /// Runs `main` with a new system to its end, then shuts the system down within five seconds of virtual time.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not called then.
    ///
    /// # Panics
    ///
    /// If `main` does, and with the text of a [`Failure`].
    pub fn run<F, Fut>(&self, main: F) -> Result<Fut::Output, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        otp_core::runtime::run(self, SHUTDOWN, main)
    }

    /// How many steps the runs took so far: polls of one task.
    pub fn steps(&self) -> u64 {
        self.shared.lock().steps
    }

    /// Everything that the runs did so far, as one number: equal for equal seeds, on every machine.
    pub fn hash(&self) -> u64 {
        self.shared.hash()
    }

    /// Runs `main` to its end, or to the failure of the run.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not polled then.
    pub(crate) fn drive(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<Result<(), Failure>, NestedRun> {
        let _entered = Entered::enter("sim")?;
        let _inside = self.shared.enter();
        let run = Run::begin(&self.shared);
        Ok(run.to_its_end(main))
    }
}

impl Executor for SimExecutor {
    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(SimRuntime::new(self.shared.clone()))
    }

    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
        self.drive(main)?.unwrap_or_else(|failure| panic!("{failure}"));
        Ok(())
    }
}

impl Drop for SimExecutor {
    fn drop(&mut self) {
        self.shared.lock().phase = Phase::Closed;
        // What a task drops may use the runtime, so the lock is not held.
        loop {
            let mut state = self.shared.lock();
            let tasks = std::mem::take(&mut state.tasks);
            let timers = state.timers.take();
            state.ready.clear();
            drop(state);
            if tasks.is_empty() && timers.is_empty() {
                return;
            }
            // In the order in which they were started.
            let mut tasks: Vec<_> = tasks.into_iter().map(|(_, slot)| slot).collect();
            tasks.sort_unstable_by_key(|slot| slot.id);
            drop((tasks, timers));
        }
    }
}

impl fmt::Debug for SimExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimExecutor({} steps)", self.steps())
    }
}

/// One main function on the way to its end.
struct Run<'a> {
    shared: &'a Arc<Shared>,
    main: usize,
}

/// What there is to do next.
enum Next {
    Main(Waker),
    Task(usize, Task, Waker),
    Job(otp_core::runtime::Job),
    Fail(Failure),
}

/// What has been done.
enum Done {
    Nothing,
    Main(Waker),
    Task(usize, Task, Waker),
}

impl Run<'_> {
    fn begin(shared: &Arc<Shared>) -> Run<'_> {
        let mut state = shared.lock();
        state.phase = Phase::Running;
        state.busy = 0;
        let main = state.add(Work::Main, |key, id| shared.waker(key, id));
        drop(state);
        Run { shared, main }
    }

    fn to_its_end(&self, mut main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), Failure> {
        let mut done = Done::Nothing;
        loop {
            done = match self.next(done) {
                Next::Main(waker) => match main.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(()) => return Ok(()),
                    Poll::Pending => Done::Main(waker),
                },
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
                Next::Fail(failure) => return Err(failure),
            };
        }
    }

    /// Puts back what has been done and takes what is to be done, under one lock.
    fn next(&self, done: Done) -> Next {
        let mut state = self.shared.lock();
        match done {
            Done::Nothing => {}
            Done::Main(waker) => state.put_back(self.main, Work::Main, Some(waker)),
            Done::Task(key, task, waker) => state.put_back(key, Work::Task(task), Some(waker)),
        }
        if let Some(what) = state.intruder.take() {
            return Next::Fail(Failure::Thread { what });
        }
        let now = self.shared.now().as_nanos().saturating_add(state.config.step_time.as_nanos() as u64);
        self.shared.advance(now);
        loop {
            // A waker wakes with the lock, so that is given back.
            while state.timers.next().is_some_and(|deadline| deadline <= self.shared.now().as_nanos()) {
                let fired = state.timers.fire(self.shared.now().as_nanos());
                drop(state);
                fired.into_iter().for_each(Waker::wake);
                state = self.shared.lock();
            }
            if !state.ready.is_empty() {
                break;
            }
            state.busy = 0;
            if let Some(deadline) = state.timers.next() {
                self.shared.advance(deadline);
            } else if state.config.threads == Threads::Awaited {
                state = self.shared.wait(state);
            } else {
                let at = self.shared.now();
                return Next::Fail(Failure::Deadlock { at, waiting: String::new() });
            }
        }
        state.steps += 1;
        state.busy += 1;
        if state.steps > state.config.step_limit {
            return Next::Fail(Failure::Livelock { steps: state.steps - 1, limit: "in all" });
        }
        if state.busy > state.config.busy_limit {
            return Next::Fail(Failure::Livelock { steps: state.busy - 1, limit: "without a rest" });
        }
        let (ready, work, waker) = state.pick().expect("something is ready");
        self.shared.mix(ready.id.0);
        let waker = waker.expect("it is not being polled");
        match work {
            Work::Main => Next::Main(waker),
            Work::Task(task) => Next::Task(ready.key, task, waker),
            Work::Job(job) => {
                let slot = state.remove(ready.key);
                drop(state);
                drop(slot);
                Next::Job(job)
            }
            Work::Away => unreachable!("a task that is away is not ready"),
        }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.phase = Phase::Idle;
        let slot = state.remove(self.main);
        drop(state);
        drop(slot);
    }
}
