use std::pin::pin;
use std::time::Duration;

use super::{Executor, NestedRun};
use crate::shutdown::ShutdownReport;
use crate::system::System;

/// The outcome of a program that ran with a system of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ran<T> {
    /// What the main function returned.
    pub output: T,
    /// How the processes ended that were still running when the main function returned.
    pub shutdown: ShutdownReport,
}

/// Makes a system on `executor`, runs `main` with it to its end, and then shuts the system down within `limit`.
///
/// Backends implement their own `run` with this function.
///
/// # Errors
///
/// [`NestedRun`] when the calling thread already runs an executor; `main` is not called then.
///
/// # Panics
///
/// If `main` panics.
pub fn run<F, Fut>(executor: &dyn Executor, limit: Duration, main: F) -> Result<Ran<Fut::Output>, NestedRun>
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    let system = System::on(executor.runtime());
    let mut ran = None;
    {
        let body = pin!(async {
            let output = main(system.clone()).await;
            ran = Some(Ran { output, shutdown: system.shutdown(limit).await });
        });
        executor.block_on(body)?;
    }
    Ok(ran.expect("the future was run to its end"))
}
