//! The simulator: the same program on one thread, in virtual time, and a seed decides everything.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{ExitCode, Termination};
use std::time::Duration;

use otp_core::System;
pub use otp_sim::*;

/// Runs `main` with a new system on the simulator, then shuts the system down within five seconds of virtual time.
///
/// Equal seeds give equal runs.
///
/// ```
/// use std::time::Duration;
///
/// let slept = otp::sim::run(42, async |system| {
///     let start = system.now();
///     system.sleep(Duration::from_secs(24 * 60 * 60)).await;
///     system.now() - start
/// });
/// assert_eq!(slept.as_secs(), 24 * 60 * 60);
/// ```
///
/// # Panics
///
/// If `main` does, if the calling thread already runs an executor, and with the text of a [`Failure`].
pub fn run<F, Fut>(seed: u64, main: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    SimExecutor::new(seed).run(main).unwrap_or_else(|nested| panic!("{nested}"))
}

/// How many seeds a test tries that does not say.
const SEEDS: u64 = 10;

#[doc(hidden)]
pub fn test<F, Fut>(seeds: Option<u64>, body: F) -> Fut::Output
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let seeds = seeds.unwrap_or(SEEDS);
    for seed in 1..seeds {
        if run_test(seed, &body).report() != ExitCode::SUCCESS {
            panic!("the test failed with seed {seed}");
        }
    }
    run_test(seeds, &body)
}

#[allow(clippy::print_stderr, reason = "the seed is what the reader of a failed test needs")]
fn run_test<F, Fut>(seed: u64, body: &F) -> Fut::Output
where
    F: Fn(System) -> Fut,
    Fut: Future,
{
    let executor = SimExecutor::new(seed);
    let body = |system| crate::__test::body(system, body);
    let run = || otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}"));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        eprintln!("the test panicked with seed {seed}");
        resume_unwind(panic)
    })
}
