//! Test harness: a thread and a time limit for each test, and ways to wait for events.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use async_channel::Receiver;
use otp_core::System;
use otp_core::runtime::Executor;

use crate::Backend;

/// Runs a test on a thread of its own, which gets the executor; panics with the test's name if it hangs.
pub(crate) fn outside<F>(backend: &dyn Backend, test: F)
where
    F: FnOnce(Box<dyn Executor + Send>) + Send + 'static,
{
    limited(test_name::<F>(), backend, test);
}

/// Runs a test as the main function of an executor, within the same limits.
pub(crate) fn inside<F, Fut>(backend: &dyn Backend, test: F)
where
    F: FnOnce(System) -> Fut + Send + 'static,
    Fut: Future<Output = ()>,
{
    limited(test_name::<F>(), backend, move |executor| run(&*executor, test));
}

/// Runs `main` with a new system, as a program does.
pub(crate) fn run<F, Fut>(executor: &dyn Executor, main: F)
where
    F: FnOnce(System) -> Fut,
    Fut: Future<Output = ()>,
{
    const SHUTDOWN: Duration = Duration::from_secs(5);
    otp_core::runtime::run(executor, SHUTDOWN, main)
        .expect("the executor did not run on a thread that runs no other executor")
        .output
}

/// Runs `main` and does not shut down the processes that it started.
pub(crate) fn drive(executor: &dyn Executor, main: impl Future<Output = ()>) {
    let mut finished = false;
    {
        let main = pin!(async {
            main.await;
            finished = true;
        });
        executor.block_on(main).expect("the executor did not run on a thread that runs no other executor");
    }
    assert!(finished, "the executor's `block_on` returned before its future was ready");
}

/// Waits for an event; `missed` is the message of the failure if all senders are gone.
pub(crate) async fn heard<T>(events: &Receiver<T>, missed: &str) -> T {
    match events.recv().await {
        Ok(event) => event,
        Err(_) => panic!("{missed}"),
    }
}

/// Unwinds like a panic, without a message on the terminal.
pub(crate) fn panic_quietly(message: &'static str) -> ! {
    resume_unwind(Box::new(message))
}

/// Calls a function when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A flag that is raised once, and can be read elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_up(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// A value that raises the flag when it is dropped.
    pub(crate) fn on_drop(&self) -> impl Send + use<> {
        let flag = self.clone();
        OnDrop(move || flag.raise())
    }
}

fn limited<F>(test: String, backend: &dyn Backend, body: F)
where
    F: FnOnce(Box<dyn Executor + Send>) + Send + 'static,
{
    let (executor, limit) = (backend.executor(), backend.patience());
    let (done, finished) = mpsc::channel::<()>();
    let work = move || {
        // Dropped last, also when the test panics.
        let _done = done;
        body(executor);
    };
    let thread = thread::Builder::new().name(test.clone()).spawn(work).expect("the operating system refused a thread");
    match finished.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => panic!("{test}: hangs; it has not finished within {limit:?}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
    }
}

/// The name of the function that the closure `F` is written in.
fn test_name<F>() -> String {
    let path = std::any::type_name::<F>();
    path.split("::").filter(|part| !part.starts_with('{')).last().unwrap_or(path).to_owned()
}
