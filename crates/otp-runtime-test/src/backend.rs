use std::time::Duration;

use otp_core::runtime::Executor;

/// Makes the executors that the tests run on.
///
/// Any function that returns an executor is a backend, and an [`OwnedBackend`], because a value in Rust ends what it
/// owns when it is dropped. Implement the trait by hand for an executor that is not owned, or to change the
/// [`patience`](Backend::patience).
pub trait Backend {
    /// An executor; each test asks for its own.
    fn executor(&self) -> Box<dyn Executor + Send>;

    /// How long a test may take before it has failed because it hangs. A test never waits for this long to pass: it
    /// waits for what it expects, and this is far above what that needs, also on a machine that is busy.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// A backend whose executors belong to whoever holds them; the opposite is one shared by a whole program, such as
/// smol's global executor, or the one of a host program.
///
/// What this promises, and what the tests that take an `&dyn OwnedBackend` look at:
///
/// * dropping an executor ends it: its tasks are dropped, and so is whatever it is given afterwards;
/// * the threads that poll its tasks count as running an executor, so that a nested run is refused on them too.
///
/// A backend that does not promise it cannot be given to such a test:
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
