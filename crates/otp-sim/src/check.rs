use std::env;
use std::fmt;
use std::process::Termination;
use std::str::FromStr;
use std::time::Duration;

use otp_core::System;

use crate::attempt::{Attempt, attempt};
use crate::config::Config;
use crate::failed::Failed;
use crate::failure::Failure;
use crate::policy::Policy;
use crate::schedule::Schedule;
use crate::shrink::shrink;
use crate::state::Plan;

/// Runs a program with many seeds, one after the other, and stops at the first that fails.
///
/// The report of a failure contains the seed, the simplest failing schedule that was found (with few context switches,
/// faults and scheduled calls), a command to repeat either, and the last steps in words. Each seed gets a new
/// executor and system. A run fails if `body` panics or returns an error, and for the other reasons of a [`Failure`].
/// When `body` has returned, the system is shut down.
///
/// A process that crashes is not a failure: assert the expected outcome in `body`. Panics during a run are not printed.
///
/// ```
/// use otp::{ExitReason, ProcessContext};
///
/// otp::sim::check(otp::sim::Config::new().seeds(100), async |system| {
///     let process = system.spawn(async |_: ProcessContext<()>| {});
///     assert_eq!(process.exited().await, ExitReason::Normal);
/// });
/// ```
///
/// # The environment
///
/// | variable | effect, on every check of the program |
/// |---|---|
/// | `OTP_SIM_SEEDS=10000` | tries this number of seeds |
/// | `OTP_SIM_FROM=500` | begins with this seed |
/// | `OTP_SIM_SEED=42` | runs only this seed |
/// | `OTP_SIM_TRACE=400` | shows this number of lines of the trace in the report of a failure |
/// | `OTP_SIM_REPLAY=…` | runs only this [`Schedule`](crate::Schedule), copied from a report |
///
/// # Panics
///
/// With the report of the first [failure](Failed); or if a variable cannot be parsed.
pub fn check<F, Fut>(config: Config, body: F)
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    if let Err(failed) = try_check(config, body) {
        panic!("{failed}");
    }
}

/// Runs a program with many seeds, like [`check`], but returns the report of a failure.
///
/// # Errors
///
/// [`Failed`], for the first seed that fails.
///
/// # Panics
///
/// If an environment variable cannot be parsed.
pub fn try_check<F, Fut>(config: Config, body: F) -> Result<Checked, Box<Failed>>
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let config = heard(config);
    if let Some(replayed) = replay(&config, &body) {
        return replayed;
    }
    let mut checked = Checked::default();
    let only = variable::<u64>(&config, "OTP_SIM_SEED").is_some();
    let (first, wanted) = (first_seed(&config), variable(&config, "OTP_SIM_SEEDS").unwrap_or(config.seeds));
    let seeds = if only { 1 } else { wanted };
    for seed in (first..=u64::MAX).take(usize::try_from(seeds).unwrap_or(usize::MAX)) {
        let run = attempt(seed, &config, Plan::Policy, false, &body);
        checked.count(&run);
        if let Err(failure) = run.result {
            return Err(Box::new(report(seed, failure, &config, &body, checked)));
        }
    }
    Ok(checked)
}

/// Runs a recorded schedule once, if the environment or the policy asks for that.
pub(crate) fn replay<F, Fut>(config: &Config, body: &F) -> Option<Result<Checked, Box<Failed>>>
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let recorded = match &config.policy {
        Policy::Replay(schedule) => Some(schedule.clone()),
        _ => None,
    };
    let schedule: Schedule = variable(config, "OTP_SIM_REPLAY").or(recorded)?;
    let seed = schedule.seed();
    let run = attempt(seed, &config.clone().policy(Policy::Replay(schedule)), Plan::Policy, true, body);
    let mut checked = Checked::default();
    checked.count(&run);
    Some(match &run.result {
        Ok(()) => Ok(checked),
        Err(failure) => Err(Box::new(Failed::of(&run, failure.clone(), checked))),
    })
}

/// Applies the environment variables for reports.
pub(crate) fn heard(config: Config) -> Config {
    match variable(&config, "OTP_SIM_TRACE") {
        Some(lines) => config.trace(lines),
        None => config,
    }
}

/// Returns the first seed that a check tries.
#[doc(hidden)]
pub fn first_seed(config: &Config) -> u64 {
    variable(config, "OTP_SIM_SEED").or_else(|| variable(config, "OTP_SIM_FROM")).unwrap_or(config.first_seed)
}

/// The result of [`check`]: statistics of the runs, none of which failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The number of seeds.
    pub seeds: u64,
    /// The number of steps in all runs.
    pub steps: u64,
    /// The virtual time of all runs.
    pub time: Duration,
    /// A hash of everything that happened: the same for the same seeds, on every machine.
    pub hash: u64,
}

impl Checked {
    pub(crate) fn count(&mut self, run: &Attempt) {
        self.seeds += 1;
        self.steps += run.steps;
        self.time += run.time;
        self.hash = (self.hash.rotate_left(5) ^ run.hash).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seeds, {} steps, {:?} of virtual time", self.seeds, self.steps, self.time)
    }
}

/// Repeats a failed run with a recording, and looks for a simpler schedule.
fn report<F, Fut>(seed: u64, failure: Failure, config: &Config, body: &F, checked: Checked) -> Failed
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let again = attempt(seed, config, Plan::Policy, true, body);
    let same = |run: &Attempt| run.result.as_ref().err().is_some_and(|other| other.is_like(&failure));
    if !same(&again) {
        let mut failed = Failed::of(&again, failure, checked);
        failed.repeatable = false;
        return failed;
    }
    let recorded = again.recording.as_ref().map(|recording| recording.schedule.clone()).unwrap_or_default();
    let before = (recorded.switches(), recorded.faults());
    let mut simplest = None;
    let mut steps = 0;
    let runs = shrink(
        recorded,
        config.shrink,
        |candidate| {
            if steps > SHRINK_STEPS {
                return None;
            }
            let replaying = config.clone().policy(Policy::Replay(candidate.clone()));
            let run = attempt(seed, &replaying, Plan::Policy, true, body);
            steps += run.steps;
            let schedule = same(&run).then(|| run.recording.as_ref().map(|recording| recording.schedule.clone()))??;
            Some((schedule, run))
        },
        &mut simplest,
    );
    let mut failed = match &simplest {
        Some(simplest) => Failed::of(simplest, simplest.result.clone().err().unwrap_or(failure), checked),
        None => Failed::of(&again, failure, checked),
    };
    failed.simplified = simplest.is_some();
    (failed.switches_before, failed.faults_before) = before;
    failed.shrink_runs = runs;
    failed
}

/// The limit of steps of all attempts to simplify a schedule; the last one may exceed it.
const SHRINK_STEPS: u64 = 1_000_000;

/// Reads an environment variable, unless the configuration ignores the environment.
fn variable<T>(config: &Config, name: &str) -> Option<T>
where
    T: FromStr<Err: fmt::Display>,
{
    if !config.environment {
        return None;
    }
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{name}={value} cannot be read: {error}")))
}
