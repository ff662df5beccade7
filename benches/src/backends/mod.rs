//! The executors, as `otp` and the raw baselines use them.

mod smol;
mod tokio;

use std::time::Duration;

pub use self::smol::Smol;
pub use self::tokio::{CurrentThread, MultiThread, Tokio};

/// An executor with two worker threads, or with the calling thread alone.
pub trait Backend: Clone + Send + Sync + 'static {
    const NAME: &'static str;

    /// Runs the tasks; ends them when dropped.
    type Executor: 'static;

    fn start() -> (Self::Executor, Self);

    fn block_on<T>(executor: &Self::Executor, main: impl Future<Output = T>) -> T;

    /// Starts a task, detached.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send;

    /// As the executor's users limit the time of something; `None` when it took too long.
    fn timeout<T>(limit: Duration, of: impl Future<Output = T> + Send) -> impl Future<Output = Option<T>> + Send;

    /// A system of otp on this executor.
    fn otp(&self) -> otp::System;

    /// Starts a task and waits for its end.
    fn join<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        let (done, end) = futures::channel::oneshot::channel();
        self.spawn(async move {
            let _ = done.send(task.await);
        });
        async { end.await.expect("the task was run to its end") }
    }
}
