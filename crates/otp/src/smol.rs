//! The smol backend: runs a program on smol, or embeds a system in a program that already runs on smol.

use std::time::Duration;

use otp_core::System;
use otp_core::runtime::Ran;
pub use otp_smol::{SmolExecutor, SmolRuntime};

/// Runs `main` on smol with a new system: on an async-executor with one thread for each processor. When `main` returns,
/// shuts the system down within five seconds.
///
/// A program that already runs on smol makes a system instead: `System::new(SmolRuntime::global())`.
///
/// # Panics
///
/// If `main` panics, or if the calling thread already runs an executor.
pub fn run<F, Fut>(main: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    SmolExecutor::multi_thread().run(main).unwrap_or_else(|nested| panic!("{nested}"))
}

/// As [`run`], with the report of the shutdown: which processes were still running when `main` returned, how they ended,
/// and which had to be killed.
///
/// ```
/// use otp::prelude::*;
///
/// // A service runs until its root supervisor ends: here at once, since the only child is significant and ends.
/// let ran = otp::smol::run_and_report(async |system| {
///     let job = ChildSpec::worker("job", async |supervisor: Process| {
///         supervisor.spawn_link(async |_: ProcessContext<()>| {})
///     });
///     let root = Supervisor::new(Strategy::OneForOne)
///         .auto_shutdown(AutoShutdown::AnySignificant)
///         .child(job.restart(Restart::Temporary).significant(true))
///         .start(&system)
///         .await
///         .unwrap();
///     root.exited().await
/// });
/// assert_eq!(ran.output, ExitReason::Shutdown);
/// assert_eq!(ran.shutdown.killed().count(), 0);
/// ```
///
/// # Panics
///
/// As [`run`].
pub fn run_and_report<F, Fut>(main: F) -> Ran<Fut::Output>
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    SmolExecutor::multi_thread().run_and_report(main).unwrap_or_else(|nested| panic!("{nested}"))
}

/// Runs an application as a whole program, on a multi-thread executor: a service's whole `main`. Starts it and all that it
/// depends on; stops at SIGTERM, SIGINT or when it ends; reports. See [`Service`](crate::application::Service).
///
/// ```no_run
/// use otp::application::{AppContext, AppSpec, Application, ServiceReport, Top};
/// use otp::prelude::*;
///
/// struct Shop;
///
/// impl Application for Shop {
///     type State = ();
///     type Config = ();
///
///     fn spec(&self) -> AppSpec {
///         AppSpec::new("shop").version(env!("CARGO_PKG_VERSION"))
///     }
///
///     async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
///         Ok(Top::new(Supervisor::new(Strategy::OneForOne).start_link(ctx).await?))
///     }
/// }
///
/// fn main() -> ServiceReport {
///     otp::smol::run_application(Shop)
/// }
/// ```
///
/// # Panics
///
/// If the calling thread already runs an executor.
#[cfg(feature = "application")]
pub fn run_application(service: impl Into<otp_application::Service>) -> otp_application::ServiceReport {
    service.into().run(SmolExecutor::multi_thread()).unwrap_or_else(|nested| panic!("{nested}"))
}

#[doc(hidden)]
pub fn test<F, Fut>(body: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    let executor = SmolExecutor::with_workers(2);
    let body = |system| crate::__test::body(system, body);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}")).output
}
