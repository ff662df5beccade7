use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use otp_core::System;
use otp_core::runtime::{Entered, Executor, NestedRun, Ran, Runtime};
use tokio::runtime::{Builder, Handle, Runtime as Tokio};

use crate::TokioRuntime;

/// Owns a tokio runtime, for programs without one.
///
/// Dropping it drops its tasks, so that the processes on it end, and waits for blocking jobs, at most for a second.
#[derive(Debug)]
pub struct TokioExecutor {
    /// `None` only while it is dropped.
    tokio: Option<Tokio>,
    runtime: TokioRuntime,
}

/// How long the drop of an executor waits for blocking jobs that are still running.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long [`TokioExecutor::run`] waits for the remaining processes when its main function has returned.
const SHUTDOWN: Duration = Duration::from_secs(5);

impl TokioExecutor {
    /// Makes a runtime with one worker thread for each processor.
    ///
    /// # Panics
    ///
    /// If the operating system refuses to start threads.
    pub fn multi_thread() -> TokioExecutor {
        TokioExecutor::build(&mut Builder::new_multi_thread())
    }

    /// Makes a runtime with `workers` worker threads, at least one.
    ///
    /// # Panics
    ///
    /// If the operating system refuses to start threads.
    pub fn with_workers(workers: usize) -> TokioExecutor {
        TokioExecutor::build(Builder::new_multi_thread().worker_threads(workers.max(1)))
    }

    /// Makes a runtime that runs on the thread that calls [`run`](TokioExecutor::run), during the call.
    ///
    /// # Panics
    ///
    /// If the operating system refuses the event queue that tokio needs.
    pub fn current_thread() -> TokioExecutor {
        TokioExecutor::build(&mut Builder::new_current_thread())
    }

    /// Runs `main` with a new system to its end, then shuts the system down within five seconds.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not called in this case.
    ///
    /// # Panics
    ///
    /// If `main` panics.
    pub fn run<F, Fut>(&self, main: F) -> Result<Fut::Output, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        self.run_and_report(main).map(|ran| ran.output)
    }

    /// As [`run`](TokioExecutor::run), with the report of the shutdown: which processes were still running, how they ended,
    /// and which had to be killed.
    ///
    /// # Errors
    ///
    /// As [`run`](TokioExecutor::run).
    ///
    /// # Panics
    ///
    /// As [`run`](TokioExecutor::run).
    pub fn run_and_report<F, Fut>(&self, main: F) -> Result<Ran<Fut::Output>, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        otp_core::runtime::run(self, SHUTDOWN, main)
    }

    fn build(builder: &mut Builder) -> TokioExecutor {
        let tokio = builder.enable_all().build().expect("the operating system refused tokio's threads or event queue");
        TokioExecutor { runtime: TokioRuntime::new(tokio.handle().clone()), tokio: Some(tokio) }
    }
}

impl Executor for TokioExecutor {
    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(self.runtime.clone())
    }

    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
        let nested = NestedRun::new(self.runtime.name());
        let tokio = self.tokio.as_ref().ok_or(nested)?;
        if Handle::try_current().is_ok() {
            return Err(nested);
        }
        let _entered = Entered::enter(nested.runtime)?;
        tokio.block_on(main);
        Ok(())
    }
}

impl Drop for TokioExecutor {
    fn drop(&mut self) {
        let Some(tokio) = self.tokio.take() else { return };
        if Handle::try_current().is_ok() {
            // tokio does not allow waiting inside a runtime.
            tokio.shutdown_background();
        } else {
            tokio.shutdown_timeout(PATIENCE);
        }
    }
}
