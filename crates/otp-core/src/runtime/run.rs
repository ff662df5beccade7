use std::pin::pin;
use std::time::Duration;

use super::{Executor, NestedRun};
use crate::system::System;

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
pub fn run<F, Fut>(executor: &dyn Executor, limit: Duration, main: F) -> Result<Fut::Output, NestedRun>
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    let system = System::on(executor.runtime());
    let mut output = None;
    {
        let body = pin!(async {
            output = Some(main(system.clone()).await);
            system.shutdown(limit).await;
        });
        executor.block_on(body)?;
    }
    Ok(output.expect("the future was run to its end"))
}
