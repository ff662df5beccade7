//! The simulator, for deterministic tests: one thread, virtual time, and a seed that decides everything.

use std::process::Termination;
use std::time::Duration;

use otp_core::System;
pub use otp_sim::*;

/// Runs a test on the simulator with several seeds and with faults, and then once more for its return value.
#[doc(hidden)]
pub fn test<F, Fut>(seeds: Option<u64>, faults: Option<Faults>, body: F) -> Fut::Output
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let config = Config::new().faults(faults.unwrap_or_default());
    let config = if let Some(seeds) = seeds { config.seeds(seeds) } else { config };
    let seed = first_seed(&config);
    let body = |system| crate::__test::body(system, &body);
    check(config.clone(), &body);
    let executor = SimExecutor::with(seed, config);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}")).output
}
