//! The simulator: the same program on one thread, in virtual time, where a seed decides everything. For tests.

use std::process::Termination;
use std::time::Duration;

use otp_core::System;
pub use otp_sim::*;

/// The test on the simulator, with some seeds, and then once more for the value that it returns.
#[doc(hidden)]
pub fn test<F, Fut>(seeds: Option<u64>, body: F) -> Fut::Output
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let config = seeds.map_or_else(Config::new, |seeds| Config::new().seeds(seeds));
    let seed = first_seed(&config);
    let body = |system| crate::__test::body(system, &body);
    check(config, &body);
    let executor = SimExecutor::new(seed);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}"))
}
