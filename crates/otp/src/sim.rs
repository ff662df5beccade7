//! The simulator, for deterministic tests: one thread, virtual time, and a seed that decides everything.

#[cfg(feature = "dist")]
mod cluster;
#[cfg(feature = "dist")]
mod node;

#[cfg(feature = "application")]
use std::pin::pin;
use std::process::Termination;
use std::time::Duration;

#[cfg(feature = "application")]
use futures::future::{Either, select};
use otp_core::System;
pub use otp_sim::*;

#[cfg(feature = "dist")]
pub use cluster::{SimCluster, cluster};
#[cfg(feature = "dist")]
pub use node::SimNode;

/// Runs a service in a simulation, as [`run_application`](crate::tokio::run_application) does in a program, while `world`
/// does what happens to it: sends requests, [raises](raise) signals. Without a signal, or another end, the run is a
/// [deadlock](Failure::Deadlock).
///
/// ```
/// use otp::application::{App, AppSpec, StopCause};
/// use otp::prelude::*;
/// use otp::runtime::OsSignal;
///
/// let shop = App::tree(AppSpec::new("shop"), |_| Ok(Supervisor::new(Strategy::OneForOne)));
/// let report = otp::sim::run_application(7, shop, async |system| {
///     while !otp::sim::raise(OsSignal::Terminate) {
///         system.sleep(std::time::Duration::from_secs(1)).await;
///     }
/// });
/// assert_eq!(report.cause, StopCause::Signal(OsSignal::Terminate));
/// assert_eq!(report.exit_code(), 0);
/// ```
///
/// # Panics
///
/// If the run fails, as a deadlock or by a panic of `world`.
#[cfg(feature = "application")]
pub fn run_application<F, Fut>(
    seed: u64,
    service: impl Into<otp_application::Service>,
    world: F,
) -> otp_application::ServiceReport
where
    F: FnOnce(System) -> Fut,
    Fut: Future<Output = ()>,
{
    let service = service.into().notify(false);
    let main = async |system: System| {
        let world = async {
            world(system.clone()).await;
            std::future::pending::<std::convert::Infallible>().await
        };
        match select(pin!(service.serve(&system)), pin!(world)).await {
            Either::Left((report, _)) => report,
            Either::Right((never, _)) => match never {},
        }
    };
    run(seed, main)
}

/// Runs a test on the simulator with several seeds and with faults, and then once more for its return value.
#[doc(hidden)]
pub fn test<F, Fut>(seeds: Option<u64>, faults: Option<Faults>, body: F) -> Fut::Output
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let config = Config::new().faults(faults.unwrap_or_default());
    let config = if let Some(seeds) = seeds { config.seeds(seeds) } else { config };
    let seed = first_seed(&config);
    let body = |system| crate::__test::body(system, &body);
    check(config.clone(), &body);
    let executor = SimExecutor::with(seed, config);
    otp_core::runtime::run(&executor, Duration::ZERO, body).unwrap_or_else(|nested| panic!("{nested}")).output
}
