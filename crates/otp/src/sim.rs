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
    let config = Config::new();
    let body = |system| crate::__test::body(system, &body);
    check(seeds.map_or(config.clone(), |seeds| config.seeds(seeds)), body);
    let executor = SimExecutor::new(1);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}"))
}
