use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures::FutureExt;
use futures::channel::oneshot;

use crate::event::CrashReport;
use crate::exit::{Crash, ExitReason, contain, contain_future};
use crate::process::{Foreign, Process};
use crate::runtime::Job;
use crate::switch::Switch;
use crate::system::System;

/// Runs `future`; a panic in it, or in its drop, becomes an error and is reported as a crash of the process that
/// started it.
pub(super) fn contained<T, F>(system: &System, future: F) -> impl Future<Output = Result<T, Crash>> + Send + use<T, F>
where
    F: Future<Output = T> + Send,
{
    let system = system.clone();
    let owner = Process::current();
    async move {
        let report = |crash| report(&system, owner.as_ref(), crash);
        let mut future = pin!(Some(future));
        let polled = poll_fn(|cx| future.as_mut().as_pin_mut().map_or(Poll::Pending, |future| future.poll(cx)));
        let output = contain_future(|| polled).await.map_err(report);
        let dropped = contain(|| future.set(None)).map_err(report);
        output.and_then(|output| dropped.map(|()| output))
    }
}

fn report(system: &System, owner: Option<&Process>, crash: Crash) -> Crash {
    let report = match owner {
        Some(owner) => CrashReport::of(owner.inner().header(), ExitReason::Error(crash.clone())),
        None => CrashReport::outside(None, crash.clone()),
    };
    system.events().crashed(report);
    crash
}

/// Waits for the result of a blocking job; made by [`System::spawn_blocking`].
///
/// Dropping this future does not stop the job: code that blocks cannot be cancelled.
#[must_use = "futures do nothing unless awaited; the job runs all the same"]
pub struct Blocking<T> {
    result: oneshot::Receiver<Result<T, Crash>>,
    switch: Switch,
    foreign: Foreign,
}

/// The error when a blocking job has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockingError {
    /// The job panicked. The crash has been reported.
    #[error("the blocking job panicked: {0}")]
    Panicked(Crash),
    /// The executor was dropped before the job ran.
    #[error("the blocking job was not run: the executor is gone")]
    NotRun,
}

impl System {
    /// Runs `work`, which may block its thread, on a thread that does not poll tasks. The job runs even if the returned
    /// future is not awaited.
    pub fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Blocking<T> {
        let (sender, result) = oneshot::channel();
        let (system, owner) = (self.clone(), Process::current());
        self.runtime().spawn_blocking(Job::new(move || {
            let done = contain(work).map_err(|crash| report(&system, owner.as_ref(), crash));
            // Fails when nothing waits any more.
            let _ = sender.send(done);
        }));
        Blocking { result, switch: Switch::of(self), foreign: Foreign::default() }
    }
}

impl<T> Future for Blocking<T> {
    type Output = Result<T, BlockingError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.switch.poll(cx));
        match self.result.poll_unpin(cx) {
            Poll::Ready(Ok(done)) => Poll::Ready(done.map_err(BlockingError::Panicked)),
            Poll::Ready(Err(oneshot::Canceled)) => Poll::Ready(Err(BlockingError::NotRun)),
            Poll::Pending => self.foreign.wait(cx).or_leave(),
        }
    }
}

impl<T> fmt::Debug for Blocking<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocking")
    }
}
