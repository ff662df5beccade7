use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::process::{ExitCode, Termination};
use std::sync::PoisonError;
use std::time::Duration;

use otp_core::runtime::{Executor, Instant, silence_panics};
use otp_core::{Crash, System};

use crate::config::Config;
use crate::executor::{SHUTDOWN, SimExecutor};
use crate::failure::{Failure, Leak, Waiting};
use crate::policy::{Explorer, Scheduler};
use crate::recording::Recording;
use crate::state::Plan;

/// The outcome of one complete run of a program.
pub(crate) struct Attempt {
    pub(crate) result: Result<(), Failure>,
    pub(crate) steps: u64,
    pub(crate) time: Duration,
    pub(crate) hash: u64,
    pub(crate) recording: Option<Box<Recording>>,
    pub(crate) explorer: Option<Explorer>,
}

/// Runs `body` once, from start to shutdown. Panics are not printed.
pub(crate) fn attempt<F, Fut>(seed: u64, config: &Config, plan: Plan, record: bool, body: &F) -> Attempt
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    silence_panics(|| {
        let executor = SimExecutor::planned(seed, config.clone(), plan, record);
        let played = catch_unwind(AssertUnwindSafe(|| play(&executor, config, body)));
        let result = played.unwrap_or_else(|panic| Err(Failure::Panicked(Crash::from_panic(panic))));
        let (steps, hash) = (executor.steps(), executor.hash());
        let time = executor.shared().now() - Instant::ORIGIN;
        let mut state = executor.shared().lock();
        let recording = state.recording.take();
        let explorer = match std::mem::replace(&mut state.scheduler, Scheduler::RoundRobin) {
            Scheduler::Explore(explorer) => Some(explorer),
            _ => None,
        };
        drop(state);
        Attempt { result, steps, time, hash, recording, explorer }
    })
}

fn play<F, Fut>(executor: &SimExecutor, config: &Config, body: &F) -> Result<(), Failure>
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let system = System::on(executor.runtime());
    let mut output = None;
    executor.drive(pin!(async { output = Some(body(system.clone()).await) }))?;
    // An error prints itself as it would at the end of `main`.
    if output.expect("the main function was run to its end").report() != ExitCode::SUCCESS {
        return Err(Failure::Returned);
    }
    // The shutdown is not part of the program: no invariants and no faults apply to it.
    executor.shared().invariants.lock().unwrap_or_else(PoisonError::into_inner).clear();
    executor.shared().lock().injector.switch(false);
    if config.leaks {
        executor.rest()?;
        let leak = left_in(executor, &system);
        if !leak.is_none() {
            return Err(Failure::Leak(leak));
        }
    }
    executor.drive(pin!(async { drop(system.shutdown(SHUTDOWN).await) }))
}

fn left_in(executor: &SimExecutor, system: &System) -> Leak {
    let processes = executor.shared().lock().processes();
    let names = system.registered().into_iter().map(|(name, _)| name).collect();
    let sockets = executor.shared().lock().net.held();
    Leak { processes: Waiting::all(processes), names, timers: system.timer_count(), sockets }
}
