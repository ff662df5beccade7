use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::SystemTime;

use super::net::{NoNet, Sockets};
use super::{Director, Instant, Job, OsSignals, SignalsError, Task};

/// Provides the services of an executor to the library: tasks, blocking jobs, timers, a clock and random numbers.
///
/// The trait is object-safe; a [`System`](crate::System) holds it as `Arc<dyn Runtime>`. Every method may be called
/// from any thread, inside or outside the executor, and inside `Drop`.
///
/// Backends promise:
///
/// * a spawned [`Task`] is polled until it is ready, or dropped when the executor is dropped; it is never leaked;
/// * a timer never fires before its deadline, and timers fire in the order of their deadlines as far as the resolution
///   of the executor's clock allows (tokio rounds up to a millisecond);
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
    /// The backend's name, for tests and logs.
    fn name(&self) -> &'static str;

    /// Spawns a task, detached: there is no handle to it.
    ///
    /// If the executor no longer runs, drop the task: its drop guard notifies everything that waits for it.
    fn spawn(&self, task: Task);

    /// Runs a job that may block its thread, on a thread that does not poll tasks.
    ///
    /// If the executor no longer runs, drop the job.
    fn spawn_blocking(&self, job: Job);

    /// Makes a thread, and polls `task` there, and on no other thread, until it is ready; then the thread ends.
    /// [`Task::run`] does so. What the thread is called is for people.
    ///
    /// Processes on [threads](crate::Threads) of their own run in such tasks, and may block in a poll, each for as long as
    /// it likes. On the thread the code of processes finds what it finds on a thread of the executor: timers, tasks and
    /// sockets work. The executor does not wait for the thread when it is dropped; the library ends the task then.
    ///
    /// The default runs the task in a [blocking job](Runtime::spawn_blocking). Override it for an executor that runs only
    /// so many of these at once, and to name the thread. A simulator runs it as a task.
    ///
    /// # Errors
    ///
    /// The operating system refused the thread. Drop the task.
    fn spawn_thread(&self, name: &str, task: Task) -> io::Result<()> {
        let _ = name;
        self.spawn_blocking(Job::new(move || task.run()));
        Ok(())
    }

    /// Runs a job on a thread beside the executor, which polls no tasks, runs no other jobs, and goes on while tasks hold
    /// every thread of the executor: for a watchdog. The job may block its thread as long as it likes. The executor does
    /// not wait for it when it is dropped; the library ends it then.
    ///
    /// The default makes a thread of the operating system.
    ///
    /// # Errors
    ///
    /// Gives the job back, if there is no such thread: in a simulator, or because the operating system refused it.
    fn spawn_beside(&self, job: Job) -> Result<(), Job> {
        beside(job)
    }

    /// Makes a timer that fires at `deadline`; at once if that is in the past.
    fn timer(&self, deadline: Instant) -> BoxTimer;

    /// Returns the current time on this runtime's clock.
    fn now(&self) -> Instant;

    /// Polls the task that is being polled, under `waker`, again after other tasks have had their turn. The default
    /// wakes it. Override it for an executor that reacts to a wake-up by starting further threads, and has a cheaper
    /// way to yield.
    fn poll_again(&self, waker: &Waker) {
        waker.wake_by_ref();
    }

    /// Returns whether code that needs this executor may run on the calling thread. A call from such a thread may run
    /// its callee inline, instead of scheduling it and waiting.
    ///
    /// Returning false is always correct, but slower. If a backend returns true on a thread where its timers or tasks
    /// do not work, handlers fail.
    fn is_entered(&self) -> bool {
        false
    }

    /// Returns whether the executor is gone, or about to be, so that a task that is woken now may be neither polled nor
    /// dropped. The library asks after each wake-up of a process, and then ends the process.
    ///
    /// Override it for an executor that forgets a task which another thread wakes while the executor is dropped. Once
    /// true, it stays true.
    fn is_gone(&self) -> bool {
        false
    }

    /// Returns how many processes can run at the same time, as the default of what is divided for that. The default is
    /// what the machine offers to the program. A simulated runtime returns the same number on every machine.
    fn parallelism(&self) -> NonZeroUsize {
        thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
    }

    /// Returns a random number. A simulated runtime draws it from its seed.
    fn random(&self) -> u64;

    /// Fills `bytes` with random numbers that nobody can guess, for [`System::secure_random`](crate::System::secure_random):
    /// those of the operating system, and not those of a fast generator. A simulated runtime draws them from its seed.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the runtime has none, which is the default, and the errors of the
    /// operating system.
    fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        let _ = bytes;
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("the {} runtime has no secure random numbers", self.name()),
        ))
    }

    /// Returns the time of the wall clock, which may be set forward and back. Timers do not use it.
    fn system_time(&self) -> SystemTime {
        #[allow(clippy::disallowed_methods, reason = "the wall clock of every runtime that has none of its own")]
        SystemTime::now()
    }

    /// Returns the sockets of this runtime, for [`System::net`](crate::System::net).
    ///
    /// # Errors
    ///
    /// [`NoNet`] if the runtime has no sockets, which is the default.
    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        Err(NoNet::new(self.name()))
    }

    /// Listens to the signals of the operating system, for [`System::signals`](crate::System::signals).
    ///
    /// # Errors
    ///
    /// [`SignalsError::NoSignals`] if the runtime has none, which is the default.
    fn signals(&self) -> Result<OsSignals, SignalsError> {
        Err(SignalsError::NoSignals { runtime: self.name() })
    }

    /// Returns the director of the systems on this runtime; `None` unless the runtime is a simulator.
    fn director(&self) -> Option<Arc<dyn Director>> {
        None
    }
}

/// Owns an executor, and blocks a thread on a future.
///
/// An executor is not itself a [`Runtime`]: processes hold their runtime, and must not keep their executor alive.
pub trait Executor {
    /// Returns the runtime of this executor. The runtime may outlive the executor, and then drops the tasks and jobs
    /// that it gets.
    fn runtime(&self) -> Arc<dyn Runtime>;

    /// Runs `main` to its end on the calling thread, and the executor with it.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; `main` is not polled then.
    ///
    /// # Panics
    ///
    /// If `main` panics.
    fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun>;
}

/// Fires at a deadline, which can be moved without making a new timer. Made by a [`Runtime`].
///
/// A timer may be polled on any thread, and may outlive its executor: it does not panic then, but need not fire any
/// more.
pub trait Timer: Send {
    /// Moves the deadline, earlier or later; re-arms a timer that has fired. The waiting task polls the timer
    /// afterwards.
    fn reset(self: Pin<&mut Self>, deadline: Instant);

    /// Returns ready once the deadline has passed, and from then on until the timer is reset. Until then, the waker of
    /// the last poll is the one to wake.
    fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
}

/// A boxed [`Timer`]. Dropping it cancels it: its waker is not woken afterwards.
pub type BoxTimer = Pin<Box<dyn Timer>>;

/// The error of running an executor on a thread that already runs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot run the {runtime} executor here: this thread already runs one; \
     inside an async function, make a `System` from the current runtime instead"
)]
#[non_exhaustive]
pub struct NestedRun {
    /// The runtime that was to run.
    pub runtime: &'static str,
}

impl NestedRun {
    /// Makes the error for a runtime; `runtime` is its [`Runtime::name`].
    pub fn new(runtime: &'static str) -> NestedRun {
        NestedRun { runtime }
    }
}

/// Runs a job on a new thread. It is handed over when the thread is there, so that it is not lost with one that is not.
fn beside(job: Job) -> Result<(), Job> {
    let (hand, job_of) = mpsc::channel::<Job>();
    let thread = thread::Builder::new().name("otp-beside".to_owned());
    match thread.spawn(move || job_of.recv().map(Job::run)) {
        Ok(_) => hand.send(job).map_err(|unsent| unsent.0),
        Err(_) => Err(job),
    }
}

impl fmt::Debug for dyn Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runtime({})", self.name())
    }
}
