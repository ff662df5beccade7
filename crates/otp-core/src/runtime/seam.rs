use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use super::net::{NoNet, Sockets};
use super::{Director, Instant, Job, Task};

/// What an executor offers to the library: tasks, blocking jobs, timers, a clock and random numbers.
///
/// The trait is object-safe; a [`System`](crate::System) holds it as `Arc<dyn Runtime>`. Every method may be called
/// from any thread, inside or outside the executor, and inside `Drop`.
///
/// Backends promise:
///
/// * a spawned [`Task`] is polled until it is ready, or dropped when the executor goes away; it is never leaked;
/// * a timer never fires before its deadline, and timers fire in the order of their deadlines as far as the
///   resolution of the executor's clock allows (tokio rounds up to a millisecond);
/// * [`now`](Runtime::now) never goes backwards.
///
/// # Examples
///
/// Backends are passed to [`System::new`](crate::System::new):
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |_| {
/// let system = otp::System::new(otp::tokio::TokioRuntime::current());
/// assert_eq!(system.runtime().name(), "tokio");
/// # }).unwrap();
/// ```
pub trait Runtime: Send + Sync + 'static {
    /// The backend's name, as tests and logs show it.
    fn name(&self) -> &'static str;

    /// Starts a task, detached: nobody holds a handle to it.
    ///
    /// When the executor no longer runs, drop the task: its drop guard tells whoever waits for it.
    fn spawn(&self, task: Task);

    /// Runs a job that may block its thread, away from the threads that poll tasks.
    ///
    /// When the executor no longer runs, drop the job.
    fn spawn_blocking(&self, job: Job);

    /// A timer that fires at `deadline`, at once if that is in the past.
    fn timer(&self, deadline: Instant) -> BoxTimer;

    /// The time now on this runtime's clock.
    fn now(&self) -> Instant;

    /// Has the task that is being polled, under `waker`, polled again when others have had their turn. An executor that
    /// takes a wake-up for a reason to call further threads to help may have a better way.
    fn poll_again(&self, waker: &Waker) {
        waker.wake_by_ref();
    }

    /// Whether code that needs this executor may run on the calling thread. A call that is made there may run its callee
    /// there and then, instead of having the executor do so and waiting for it.
    ///
    /// False is always right, and slower; a backend that says true on a thread where its timers or its tasks need what
    /// is not there has handlers fail.
    fn is_entered(&self) -> bool {
        false
    }

    /// Whether the executor is gone, or about to be, so that what is woken now may never be polled nor dropped. Asked after
    /// each wake-up of a process, which then ends.
    ///
    /// For executors that forget a task which another thread wakes as they are dropped. Once true it stays so.
    fn is_gone(&self) -> bool {
        false
    }

    /// A random number. A simulated runtime draws it from its seed.
    fn random(&self) -> u64;

    /// The wall clock, which may be set forward and back. No timer goes by it.
    fn system_time(&self) -> SystemTime {
        #[allow(clippy::disallowed_methods, reason = "the wall clock of every runtime that has none of its own")]
        SystemTime::now()
    }

    /// The sockets of this runtime, for [`System::net`](crate::System::net).
    ///
    /// # Errors
    ///
    /// [`NoNet`] if it has none, which is what a backend says that does not implement this.
    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        Err(NoNet::new(self.name()))
    }

    /// Who is told of each step of the systems on this runtime; nobody, unless the runtime is a simulator.
    fn director(&self) -> Option<Arc<dyn Director>> {
        None
    }
}

/// The owner of an executor, which can block a thread on a future.
///
/// It is not itself a [`Runtime`]: processes hold their runtime, and must not keep their executor alive.
pub trait Executor {
    /// The runtime of this executor. It may outlive the executor, and then drops what it is given.
    fn runtime(&self) -> Arc<dyn Runtime>;

    /// Runs `main` to its end on the calling thread and, with it, the executor.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not polled then.
    ///
    /// # Panics
    ///
    /// If `main` does.
    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun>;
}

/// A timer of a [`Runtime`], moved from one deadline to the next without being made anew.
///
/// It may be polled on any thread, and may outlive its executor: it does not panic then, but need not fire any more.
pub trait Timer: Send {
    /// Moves the deadline, earlier or later; a timer that has fired is armed again. Whoever waits polls it afterwards.
    fn reset(self: Pin<&mut Self>, deadline: Instant);

    /// Ready once the deadline has passed, and from then on until it is reset. Until then, the waker of the last poll
    /// is the one that will be woken.
    fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
}

/// A boxed [`Timer`]. Dropping it disarms it: its waker is not woken afterwards.
pub type BoxTimer = Pin<Box<dyn Timer>>;

/// An executor was asked to run on a thread that already runs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot run the {runtime} executor here: this thread already runs one; \
     inside an async function, make a `System` from the current runtime instead"
)]
#[non_exhaustive]
pub struct NestedRun {
    /// The runtime that was asked to run.
    pub runtime: &'static str,
}

impl NestedRun {
    /// The refusal of the runtime that calls itself so; see [`Runtime::name`].
    pub fn new(runtime: &'static str) -> NestedRun {
        NestedRun { runtime }
    }
}

impl fmt::Debug for dyn Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runtime({})", self.name())
    }
}
