use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use async_channel::{Receiver, Sender};
use async_executor::Executor as AsyncExecutor;
use otp_core::System;
use otp_core::runtime::{Entered, Executor, NestedRun, Ran, Runtime};

use crate::SmolRuntime;

/// Owns an async-executor with worker threads, for programs without one.
///
/// Dropping it waits for the running polls, and drops its tasks, so that the processes on it end.
pub struct SmolExecutor {
    executor: Arc<AsyncExecutor<'static>>,
    runtime: SmolRuntime,
    workers: Vec<JoinHandle<()>>,
    /// The workers run until this is closed.
    stop: Sender<()>,
}

/// How long [`SmolExecutor::run`] waits for the remaining processes when its main function has returned.
const SHUTDOWN: Duration = Duration::from_secs(5);

impl SmolExecutor {
    /// Makes an executor with one worker thread for each processor.
    ///
    /// # Panics
    ///
    /// If the operating system refuses to start threads.
    pub fn multi_thread() -> SmolExecutor {
        SmolExecutor::with_workers(thread::available_parallelism().map_or(1, usize::from))
    }

    /// Makes an executor with `workers` worker threads; with none, only the thread that calls
    /// [`run`](SmolExecutor::run) runs it, during the call. With workers, that thread polls the main function alone, and so
    /// no task that holds its thread holds the main function.
    ///
    /// # Panics
    ///
    /// If the operating system refuses to start threads.
    /// If the operating system gives it no threads.
    pub fn with_workers(workers: usize) -> SmolExecutor {
        let executor = Arc::new(AsyncExecutor::new());
        let (stop, stopped) = async_channel::bounded(1);
        let workers = (0..workers).map(|_| start_worker(executor.clone(), stopped.clone())).collect();
        SmolExecutor { runtime: SmolRuntime::new(&executor), executor, workers, stop }
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

    /// As [`run`](SmolExecutor::run), with the report of the shutdown: which processes were still running, how they ended,
    /// and which had to be killed.
    ///
    /// # Errors
    ///
    /// As [`run`](SmolExecutor::run).
    ///
    /// # Panics
    ///
    /// As [`run`](SmolExecutor::run).
    pub fn run_and_report<F, Fut>(&self, main: F) -> Result<Ran<Fut::Output>, NestedRun>
    where
        F: FnOnce(System) -> Fut,
        Fut: Future,
    {
        otp_core::runtime::run(self, SHUTDOWN, main)
    }
}

impl Executor for SmolExecutor {
    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(self.runtime.clone())
    }

    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
        let _entered = Entered::enter(self.runtime.name())?;
        if self.workers.is_empty() {
            async_io::block_on(self.executor.run(main));
        } else {
            // Not as one more worker: a task that holds its thread would hold `main`, too.
            async_io::block_on(main);
        }
        Ok(())
    }
}

impl Drop for SmolExecutor {
    fn drop(&mut self) {
        self.stop.close();
        let this_thread = thread::current().id();
        for worker in self.workers.drain(..) {
            // A worker that drops its own executor ends when it returns to its loop.
            if worker.thread().id() != this_thread {
                // A worker does not panic: it only polls tasks, which catch their panics.
                let _ = worker.join();
            }
        }
    }
}

impl fmt::Debug for SmolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmolExecutor({} workers)", self.workers.len())
    }
}

fn start_worker(executor: Arc<AsyncExecutor<'static>>, stopped: Receiver<()>) -> JoinHandle<()> {
    let work = move || {
        let _entered = Entered::enter("smol");
        // Ready, with an error, once the channel is closed.
        let _ = async_io::block_on(executor.run(stopped.recv()));
    };
    thread::Builder::new().name("otp-smol".to_owned()).spawn(work).expect("the operating system refused a thread")
}
