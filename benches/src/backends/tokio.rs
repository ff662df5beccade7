use std::time::Duration;

use otp::tokio::TokioRuntime;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

use super::Backend;

/// tokio, in either of its two forms.
pub trait Tokio: Backend {}

/// tokio with two worker threads.
#[derive(Clone)]
pub struct MultiThread(Handle);

/// tokio on the thread that waits.
#[derive(Clone)]
pub struct CurrentThread(Handle);

impl MultiThread {
    /// Lets tasks be started on it from outside.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.0.enter()
    }
}

impl Tokio for MultiThread {}
impl Tokio for CurrentThread {}

impl Backend for MultiThread {
    const NAME: &'static str = "tokio";
    type Executor = Runtime;

    fn start() -> (Runtime, MultiThread) {
        let runtime = build(Builder::new_multi_thread().worker_threads(2));
        let handle = runtime.handle().clone();
        (runtime, MultiThread(handle))
    }

    fn block_on<T>(executor: &Runtime, main: impl Future<Output = T>) -> T {
        executor.block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }

    async fn timeout<T>(limit: Duration, of: impl Future<Output = T> + Send) -> Option<T> {
        tokio::time::timeout(limit, of).await.ok()
    }

    fn otp(&self) -> otp::System {
        otp::System::new(TokioRuntime::new(self.0.clone()))
    }
}

impl Backend for CurrentThread {
    const NAME: &'static str = "tokio-current";
    type Executor = Runtime;

    fn start() -> (Runtime, CurrentThread) {
        let runtime = build(&mut Builder::new_current_thread());
        let handle = runtime.handle().clone();
        (runtime, CurrentThread(handle))
    }

    fn block_on<T>(executor: &Runtime, main: impl Future<Output = T>) -> T {
        executor.block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }

    async fn timeout<T>(limit: Duration, of: impl Future<Output = T> + Send) -> Option<T> {
        tokio::time::timeout(limit, of).await.ok()
    }

    fn otp(&self) -> otp::System {
        otp::System::new(TokioRuntime::new(self.0.clone()))
    }
}

fn build(builder: &mut Builder) -> Runtime {
    builder.enable_all().build().expect("the operating system refused tokio's threads")
}
