//! The smol backend: runs a program on smol, or embeds a system in a program that already runs on smol.

use std::time::Duration;

use otp_core::System;
pub use otp_smol::{SmolExecutor, SmolRuntime};

/// Runs `main` on smol with a new system: on an async-executor with one thread for each processor. When `main` returns,
/// shuts the system down within five seconds.
///
/// A program that already runs on smol makes a system instead: `System::new(SmolRuntime::global())`.
///
/// # Panics
///
/// If `main` panics, or if the calling thread already runs an executor.
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
