use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::System;
use otp_core::runtime::{Executor, NestedRun};

use super::report::ServiceReport;
use super::serve::serve;
use crate::app::App;
use crate::application::Application;

/// Runs an application as a whole program: starts it and all that it depends on, as permanent ones; waits for SIGTERM,
/// SIGINT or the end of one of them; stops all, the latest started first, within a time limit; and reports.
///
/// `otp::tokio::run_application`, `otp::smol::run_application` and `otp::sim::run_application` take an [`App`], or a service
/// with options.
///
/// * *Signals.* The first SIGTERM or SIGINT stops the service, also in the middle of its start; a second one ends the
///   program at once. SIGHUP [reloads](crate::reload_all) the configurations. A signal is heard as soon as a thread of the
///   executor is free.
/// * *Limit.* At the end of [`stop_within`](Service::stop_within), all that is left is killed, and named in the report.
/// * *Exit code.* See [`ServiceReport::exit_code`]. A report that is returned from `main` ends the program with it, and is
///   written to standard error unless all went well.
/// * *systemd.* If `NOTIFY_SOCKET` is set, the service manager is told when the service is ready, reloads and stops. If
///   `WATCHDOG_USEC` is set, it is told that the service is alive, as long as it is: see [`alive_if`](Service::alive_if).
///
/// ```
/// use std::time::Duration;
///
/// use otp::application::{self, App, AppSpec, Service};
/// use otp::prelude::*;
///
/// let shop = App::tree(AppSpec::new("shop"), |process| {
///     // A program without an end of its own waits for a signal. This one has one.
///     application::halt(process.system());
///     Ok(Supervisor::new(Strategy::OneForOne))
/// });
/// let report = otp::tokio::run_application(Service::new(shop).stop_within(Duration::from_secs(20)));
/// assert_eq!(report.exit_code(), 0);
/// assert_eq!(report.apps.len(), 1);
/// ```
#[must_use = "a service does nothing before it runs"]
#[derive(Clone)]
pub struct Service {
    pub(super) app: App,
    pub(super) limit: Duration,
    pub(super) notifies: bool,
    pub(super) checks: Vec<Check>,
}

pub(super) type Check = Arc<dyn Fn(System) -> BoxFuture<'static, bool> + Send + Sync>;

impl Service {
    /// Makes a service of an application, with 20 seconds to stop: less than what Kubernetes and systemd allow.
    pub fn new(app: impl Into<App>) -> Service {
        Service { app: app.into(), limit: Duration::from_secs(20), notifies: true, checks: Vec::new() }
    }

    /// Sets how long the stop may take, with everything.
    pub fn stop_within(mut self, limit: Duration) -> Service {
        self.limit = limit;
        self
    }

    /// Adds a check for the watchdog of systemd. Twice in each interval of it, a new process has to be run, a timer has to
    /// fire, and all checks have to return true; otherwise the service manager is not told that the service is alive, and
    /// restarts it. A check that panics, or takes longer than half of the interval, counts as false.
    pub fn alive_if<Fut>(mut self, check: impl Fn(System) -> Fut + Send + Sync + 'static) -> Service
    where
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.checks.push(Arc::new(move |system| check(system).boxed()));
        self
    }

    /// Sets whether the service manager is notified, if there is one. By default it is.
    pub fn notify(mut self, on: bool) -> Service {
        self.notifies = on;
        self
    }

    /// Runs the service on an executor. This is what `run_application` of a backend does.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] when the calling thread already runs an executor; nothing is started then.
    pub fn run<E: Executor>(self, executor: E) -> Result<ServiceReport, NestedRun> {
        let system = System::on(executor.runtime());
        let mut report = None;
        {
            let body = pin!(async { report = Some(self.serve(&system).await) });
            executor.block_on(body)?;
        }
        let report = report.expect("the future was run to its end");
        if !report.is_complete() {
            // Its drop would wait for threads that are held. The program is about to end, and they with it.
            std::mem::forget(executor);
        }
        Ok(report)
    }

    /// Runs the service in a system, and shuts the system down at its end; for programs that run an executor of their own.
    /// Call it from outside the processes of the system.
    pub async fn serve(self, system: &System) -> ServiceReport {
        serve(self, system).await
    }
}

impl From<App> for Service {
    fn from(app: App) -> Service {
        Service::new(app)
    }
}

impl<A: Application<Config = ()>> From<A> for Service {
    fn from(application: A) -> Service {
        Service::new(application)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({:?}, stops within {:?})", self.app, self.limit)
    }
}
