use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures::FutureExt;
use otp_behaviour::{StartError, StopError};
use otp_core::{Label, Name, System};
use otp_supervisor::{
    ChildError, ChildSpec, StartChildError, Started, StartsChild, Strategy, Supervisor, SupervisorName, SupervisorRef,
};

const NAME: SupervisorName = Name::new("test supervisor");

/// Starts a child under the test's supervisor, behind those that were started before, and returns what its start
/// returned.
///
/// The supervisor restarts the child as its spec says: by default always, and however often it ends. Before a test of
/// `#[otp::test]` ends, even if it fails, the supervisor shuts down its children, the last one first, and waits until
/// each has ended. [`run_supervised`] does the same for a test with another runner. ExUnit's `start_supervised/2`.
///
/// ```
/// # use otp::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl Counter {
/// #     #[init]
/// #     fn init(start: u64) -> Self { Counter(start) }
/// #     #[call]
/// #     fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 }
/// # }
/// # fn main() {
/// # otp::tokio::run(async |system| otp::test::run_supervised(system, async |system| {
/// use otp::test::{start_supervised, stop_supervised};
///
/// let counter = start_supervised(&system, Counter::child(40)).await.unwrap();
/// assert_eq!(counter.add(2).await, Ok(42));
/// stop_supervised(&system, "Counter").await.unwrap();
/// assert!(counter.add(2).await.is_err());
/// # }).await);
/// # }
/// ```
///
/// # Errors
///
/// See [`StartChildError`]; a start function that returns `ignore` counts as failed.
///
/// # Panics
///
/// If another process has the name `test supervisor`.
pub async fn start_supervised<T, F>(system: &System, spec: ChildSpec<T, F>) -> Result<T, StartChildError>
where
    T: Started,
    F: StartsChild + Send,
{
    let id = spec.id().clone();
    let started = test_supervisor(system).await.start_child(spec).await?;
    started.ok_or_else(|| StartChildError::Failed { id: id.clone(), error: StartError::Ignore(id) })
}

/// Shuts down a child of the test's supervisor, waits for its end, and removes it. ExUnit's `stop_supervised/1`.
///
/// # Errors
///
/// [`ChildError::NotFound`] if there is no such child.
pub async fn stop_supervised(system: &System, id: impl Into<Label>) -> Result<(), ChildError> {
    let (supervisor, id) = (test_supervisor(system).await, id.into());
    supervisor.terminate_child(id.clone()).await?;
    match supervisor.delete_child(id).await {
        // A temporary child is removed when it ends.
        Err(ChildError::NotFound { .. }) => Ok(()),
        deleted => deleted,
    }
}

/// Returns the test's supervisor, and starts it at the first call. It has no limit of restarts. ExUnit's
/// `fetch_test_supervisor/0`.
///
/// # Panics
///
/// If another process has the name `test supervisor`.
pub async fn test_supervisor(system: &System) -> SupervisorRef {
    let running = SupervisorRef::named(system, NAME);
    if running.pid().is_some() {
        return running;
    }
    let supervisor = Supervisor::new(Strategy::OneForOne).intensity(1_000_000, Duration::from_secs(1));
    match supervisor.start(system).name(NAME).await {
        // Another task has started it in between.
        Err(StartError::AlreadyStarted { .. }) if running.pid().is_some() => running,
        started => started.unwrap_or_else(|error| panic!("the test supervisor: {error}")),
    }
}

/// Runs the body of a test, and then shuts down everything that it started with [`start_supervised`], even if it
/// panics.
///
/// `#[otp::test]` does this automatically.
///
/// # Panics
///
/// If the body panics; or if the children have not ended within a minute, after which nothing is waited for.
pub async fn run_supervised<F, Fut>(system: System, body: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    let own = system.clone();
    let outcome = AssertUnwindSafe(async move { body(own).await }).catch_unwind().await;
    let stopped = shut_down(&system).await;
    match outcome {
        Ok(output) => {
            stopped.unwrap_or_else(|error| panic!("{error}"));
            output
        }
        Err(panic) => resume_unwind(panic),
    }
}

async fn shut_down(system: &System) -> Result<(), StopError> {
    match SupervisorRef::named(system, NAME).stop().timeout(Duration::from_secs(60)).await {
        Err(StopError::NoProc(_)) => Ok(()),
        stopped => stopped,
    }
}
