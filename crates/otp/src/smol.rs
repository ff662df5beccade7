//! The smol backend: run a program on it, or embed a system in a program that runs on smol already.

use std::time::Duration;

use otp_core::System;
pub use otp_smol::{SmolExecutor, SmolRuntime};

/// Runs `main` with a new system on an async-executor with a thread for each processor, then shuts the system down
/// within five seconds.
///
/// A program that runs on smol already makes a system instead: `System::new(SmolRuntime::global())`.
///
/// # Panics
///
/// If `main` does, or if the calling thread already runs an executor.
pub fn run<F, Fut>(main: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    SmolExecutor::multi_thread().run(main).unwrap_or_else(|nested| panic!("{nested}"))
}

#[doc(hidden)]
pub fn test<F, Fut>(body: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    let executor = SmolExecutor::with_workers(2);
    let body = |system| crate::__test::body(system, body);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}"))
}
