use std::time::Duration;

use otp_core::runtime::Executor;

/// Makes the executors on which the tests run; the parameter of every test.
///
/// Any function that returns an executor is a backend, and an [`OwnedBackend`], because a value in Rust releases what
/// it owns when it is dropped. Implement the trait by hand for an executor that is not owned, or to change the
/// [`patience`](Backend::patience).
pub trait Backend {
    /// Returns an executor; each test calls this once.
    fn executor(&self) -> Box<dyn Executor + Send>;

    /// How long a test may take before it counts as hanging. A test never waits for this time to pass: it waits for an
    /// event, and this is far longer than that takes, even on a busy machine.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// A backend whose executors are owned by the test. The opposite is an executor that is shared by a whole program, such
/// as smol's global executor, or the one of a host program.
///
/// Promises of an owned backend, which the tests that take an `&dyn OwnedBackend` check:
///
/// * dropping an executor ends it: its tasks are dropped, and so are tasks and jobs that it gets afterwards;
/// * the threads that poll its tasks count as running an executor, so that a nested run is refused on them too.
///
/// A backend without these promises cannot be passed to such a test:
///
/// ```compile_fail,E0277
/// struct Shared;
///
/// impl otp_runtime_test::Backend for Shared {
///     fn executor(&self) -> Box<dyn otp_core::runtime::Executor + Send> {
///         Box::new(otp_tokio::TokioExecutor::current_thread())
///     }
/// }
///
/// otp_runtime_test::exit_is_published_when_the_executor_drops_the_task(&Shared);
/// ```
pub trait OwnedBackend: Backend {}

impl<F, E> Backend for F
where
    F: Fn() -> E,
    E: Executor + Send + 'static,
{
    fn executor(&self) -> Box<dyn Executor + Send> {
        Box::new(self())
    }
}

impl<F, E> OwnedBackend for F
where
    F: Fn() -> E,
    E: Executor + Send + 'static,
{
}
