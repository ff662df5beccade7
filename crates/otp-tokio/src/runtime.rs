use std::io;
use std::pin::pin;
#[cfg(feature = "net")]
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;

#[cfg(feature = "net")]
use otp_core::runtime::net::{NoNet, Sockets};
use otp_core::runtime::{BoxTimer, Instant, Job, Runtime, Task};
#[cfg(all(feature = "signal", unix))]
use otp_core::runtime::{OsSignals, SignalsError};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant as TokioInstant, Sleep};

#[cfg(feature = "net")]
use crate::net::TokioSockets;
use crate::timer::TokioTimer;

/// Runs processes on a tokio runtime that the program already runs, multi-thread or current-thread.
///
/// The runtime must have its time driver enabled (`enable_time` or `enable_all`): timers panic without it. Sockets,
/// with the feature `net`, and signals, with the feature `signal`, panic without the IO driver (`enable_io` or `enable_all`).
///
/// Sleeps are rounded up to a millisecond, as in all of tokio.
#[derive(Clone, Debug)]
pub struct TokioRuntime {
    handle: Handle,
    origin: TokioInstant,
}

impl TokioRuntime {
    /// Makes a backend from the runtime of `handle`.
    pub fn new(handle: Handle) -> TokioRuntime {
        TokioRuntime { handle, origin: TokioInstant::now() }
    }

    /// Makes a backend from the runtime that runs the calling code.
    ///
    /// # Panics
    ///
    /// If no tokio runtime runs the calling code, like [`Handle::current`].
    #[track_caller]
    pub fn current() -> TokioRuntime {
        TokioRuntime::new(Handle::current())
    }

    /// Converts `deadline` to tokio's clock.
    pub(crate) fn deadline(&self, deadline: Instant) -> TokioInstant {
        self.origin + (deadline - Instant::ORIGIN)
    }

    pub(crate) fn sleep_until(&self, deadline: Instant) -> Sleep {
        // tokio only makes timers inside a runtime; ours are made anywhere.
        let _context = self.handle.enter();
        tokio::time::sleep_until(self.deadline(deadline))
    }

    pub(crate) fn sleep_elsewhere(&self, deadline: Instant) -> JoinHandle<()> {
        let deadline = self.deadline(deadline);
        self.handle.spawn(async move { tokio::time::sleep_until(deadline).await })
    }
}

impl Runtime for TokioRuntime {
    fn name(&self) -> &'static str {
        "tokio"
    }

    fn spawn(&self, task: Task) {
        // Detached; a runtime that has shut down drops the task.
        drop(self.handle.spawn(task));
    }

    fn spawn_blocking(&self, job: Job) {
        drop(self.handle.spawn_blocking(move || job.run()));
    }

    fn spawn_thread(&self, name: &str, task: Task) -> io::Result<()> {
        let handle = self.handle.clone();
        let work = move || {
            // For the sockets and tasks of the code there. It is no `block_on`, so that the code may use that.
            let _context = handle.enter();
            task.run();
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        Box::pin(TokioTimer::new(self.clone(), deadline))
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + TokioInstant::now().saturating_duration_since(self.origin)
    }

    fn poll_again(&self, waker: &Waker) {
        // A wake-up would wake another worker, which costs more than most polls.
        let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(waker));
    }

    fn is_entered(&self) -> bool {
        Handle::try_current().is_ok_and(|current| current.id() == self.handle.id())
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::getrandom(bytes).map_err(io::Error::other)
    }

    #[cfg(all(feature = "signal", unix))]
    fn signals(&self) -> Result<OsSignals, SignalsError> {
        Ok(crate::signal::listen(&self.handle)?)
    }

    #[cfg(feature = "net")]
    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        Ok(Arc::new(TokioSockets(self.handle.clone())))
    }
}
