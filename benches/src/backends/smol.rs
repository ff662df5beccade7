use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use async_channel::Sender;
use async_executor::{Executor, Task};
use futures_lite::FutureExt;
use otp::smol::SmolRuntime;

use super::Backend;

/// An async-executor with two worker threads, which is what smol runs with `SMOL_THREADS=2`.
#[derive(Clone)]
pub struct Smol(Arc<Executor<'static>>);

pub struct SmolExecutor {
    stop: Sender<()>,
    workers: Vec<JoinHandle<()>>,
}

impl Backend for Smol {
    const NAME: &'static str = "smol";
    type Executor = SmolExecutor;

    fn start() -> (SmolExecutor, Smol) {
        let executor = Arc::new(Executor::new());
        let (stop, stopped) = async_channel::bounded::<()>(1);
        let worker = || {
            let (executor, stopped) = (executor.clone(), stopped.clone());
            thread::spawn(move || {
                let _ = async_io::block_on(executor.run(stopped.recv()));
            })
        };
        let workers = vec![worker(), worker()];
        (SmolExecutor { stop, workers }, Smol(executor))
    }

    fn block_on<T>(_: &SmolExecutor, main: impl Future<Output = T>) -> T {
        // As with tokio, the thread that waits runs no tasks.
        async_io::block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task).detach();
    }

    async fn sleep(time: Duration) {
        async_io::Timer::after(time).await;
    }

    async fn timeout<T>(limit: Duration, of: impl Future<Output = T> + Send) -> Option<T> {
        let late = async {
            async_io::Timer::after(limit).await;
            None
        };
        async { Some(of.await) }.or(late).await
    }

    fn otp(&self) -> otp::System {
        otp::System::new(SmolRuntime::new(&self.0))
    }
}

impl Smol {
    /// A task that ends when it is dropped.
    pub fn task(&self, task: impl Future<Output = ()> + Send + 'static) -> Task<()> {
        self.0.spawn(task)
    }
}

impl Drop for SmolExecutor {
    fn drop(&mut self) {
        self.stop.close();
        for worker in self.workers.drain(..) {
            worker.join().expect("a worker runs nothing but tasks");
        }
    }
}
