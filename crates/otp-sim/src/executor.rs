use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use otp_core::System;
use otp_core::runtime::{Entered, Executor, NestedRun, Ran, Runtime};

use crate::config::Config;
use crate::failure::Failure;
use crate::run::{Goal, Run};
use crate::runtime::SimRuntime;
use crate::shared::Shared;
use crate::state::{Phase, Plan};

/// An executor that runs tasks on the calling thread, in virtual time, in an order that a seed decides.
///
/// Dropping it drops its tasks, so that the processes on it end.
pub struct SimExecutor {
    shared: Arc<Shared>,
}

/// The time limit of the shutdown after the main function of [`SimExecutor::run`] has returned, in virtual time.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(5);

impl SimExecutor {
    /// Makes an executor with a random schedule.
    pub fn new(seed: u64) -> SimExecutor {
        SimExecutor::with(seed, Config::new())
    }

    /// Makes an executor with the configuration `config`.
    pub fn with(seed: u64, config: Config) -> SimExecutor {
        SimExecutor::planned(seed, config, Plan::Policy, false)
    }

    pub(crate) fn planned(seed: u64, config: Config, plan: Plan, record: bool) -> SimExecutor {
        SimExecutor { shared: Shared::new(seed, config, plan, record) }
    }

    /// Runs `main` with a new system to its end, then shuts the system down within five seconds of virtual time.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not called in this case.
    ///
    /// # Panics
    ///
    /// If `main` panics, and with the text of a [`Failure`].
    pub fn run<F, Fut>(&self, main: F) -> Result<Fut::Output, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        self.run_and_report(main).map(|ran| ran.output)
    }

    /// Runs `main` like [`run`](SimExecutor::run), and returns the report of the shutdown, too: which processes were
    /// still running, how they ended, and which had to be killed.
    ///
    /// # Errors
    ///
    /// As [`run`](SimExecutor::run).
    ///
    /// # Panics
    ///
    /// As [`run`](SimExecutor::run).
    pub fn run_and_report<F, Fut>(&self, main: F) -> Result<Ran<Fut::Output>, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        otp_core::runtime::run(self, SHUTDOWN, main)
    }

    /// The number of steps of all runs so far: polls of one task.
    pub fn steps(&self) -> u64 {
        self.shared.lock().steps
    }

    /// A hash of all steps of the runs so far: equal for equal seeds, on every machine.
    pub fn hash(&self) -> u64 {
        self.shared.hash()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Runs `main` to its end, or to the failure of the run.
    pub(crate) fn drive(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), Failure> {
        let _entered = Entered::enter("sim")?;
        let _inside = self.shared.enter();
        Run::begin(&self.shared, Goal::Main(main)).run_to_its_end()
    }

    /// Runs tasks until all of them wait. The time does not jump.
    pub(crate) fn rest(&self) -> Result<(), Failure> {
        let _entered = Entered::enter("sim")?;
        let _inside = self.shared.enter();
        Run::begin(&self.shared, Goal::Rest).run_to_its_end()
    }
}

impl Executor for SimExecutor {
    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(SimRuntime::new(self.shared.clone()))
    }

    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
        match self.drive(main) {
            Ok(()) => Ok(()),
            Err(Failure::Nested(nested)) => Err(nested),
            Err(failure) => panic!("{failure}"),
        }
    }
}

impl Drop for SimExecutor {
    fn drop(&mut self) {
        self.shared.lock().phase = Phase::Closed;
        // Tasks may hold the system, which holds the runtime.
        let invariants = std::mem::take(&mut *self.shared.invariants.lock().unwrap_or_else(PoisonError::into_inner));
        let programs = self.shared.lock().programs.take();
        drop((invariants, programs));
        // The waker of who waits for a signal keeps its task.
        drop(std::mem::take(&mut *self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner)));
        // Dropping a task may use the runtime, so the lock is not held.
        loop {
            let mut state = self.shared.lock();
            let tasks = std::mem::take(&mut state.tasks);
            let (timers, held, sockets) = (state.timers.take(), state.held.take(), state.net.abandon());
            state.ready.clear();
            state.paused.clear();
            drop(state);
            drop(sockets);
            if tasks.is_empty() && timers.is_empty() && held.is_empty() {
                return;
            }
            // In the order in which they were started.
            let mut tasks: Vec<_> = tasks.into_iter().map(|(_, slot)| slot).collect();
            tasks.sort_unstable_by_key(|slot| slot.id);
            tasks.into_iter().for_each(drop);
        }
    }
}

impl fmt::Debug for SimExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimExecutor({} steps)", self.steps())
    }
}
