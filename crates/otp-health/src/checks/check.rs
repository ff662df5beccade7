use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::{Label, Name, Pid, System};

use super::pings::Pings;
use crate::figures::figures;

/// Finds out whether a part of a service works; for [`Health`](crate::Health). Cheap to clone.
///
/// A check runs when somebody asks, in a process of its own, and never twice at the same time: all who ask meanwhile get
/// the one answer. The answer is kept for a short time, one second by default, in which nobody runs the check again. An
/// error, a panic, and no answer within the time limit, two seconds by default, are failures. A check that holds its
/// thread cannot be ended: it fails until it returns, and is not run again before.
#[derive(Clone)]
#[must_use]
pub struct Check {
    pub(super) name: Label,
    pub(super) timeout: Duration,
    pub(super) max_age: Duration,
    pub(super) run: Arc<Run>,
}

type Run = dyn Fn(System) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

impl Check {
    /// Makes a check of an async function. Its error is the reason of the failure, and is shown to whoever asks.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::health::{Check, Health};
    ///
    /// let disk = Check::new("disk", async |_| Err("97 % full"));
    /// let report = Health::new().ready(disk).readiness(&system).await;
    /// assert_eq!(report.checks()[0].reason.as_deref(), Some("97 % full"));
    /// # }).unwrap();
    /// ```
    pub fn new<C, F, E>(name: impl Into<Label>, check: C) -> Check
    where
        C: Fn(System) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let run = move |system| check(system).map(|done| done.map_err(|error| error.to_string())).boxed();
        Check {
            name: name.into(),
            timeout: Duration::from_secs(2),
            max_age: Duration::from_secs(1),
            run: Arc::new(run),
        }
    }

    /// Makes a check that somebody is registered under a name: that a process is up. It asks the process nothing.
    pub fn process<M: Send + 'static>(name: Name<M>) -> Check {
        Check::new(name.clone(), move |system: System| {
            let found = holder(&system, &name).map(drop);
            async { found }
        })
    }

    /// Makes a check that the process that is registered under a name answers a system request, as
    /// [`Probe`](crate::Probe) does: after the messages that it has got before. One that is in a long handler fails,
    /// also if that [may take](crate::MayTake::may_take) its time: others wait for it. A process that does not answer is
    /// not asked again until it has: however often the check runs, one request waits in its mailbox.
    pub fn answers<M: Send + 'static>(name: Name<M>) -> Check {
        let pings = Pings::default();
        Check::new(name.clone(), move |system: System| {
            let (name, pings) = (name.clone(), pings.clone());
            async move {
                let pid = holder(&system, &name)?;
                pings.ping(&system, pid).await
            }
        })
    }

    /// Makes a check that no handler has run for longer than the limit of the system's [`Watchdog`](crate::Watchdog), as
    /// of its last look. Without a watchdog it passes.
    pub fn nothing_stuck() -> Check {
        let check = Check::new("nothing stuck", async |system: System| match figures(&system) {
            figures if figures.stuck == 0 => Ok(()),
            figures => {
                Err(format!("handlers that are stuck: {}, the longest for {:?}", figures.stuck, figures.longest))
            }
        });
        check.max_age(Duration::ZERO)
    }

    /// Makes a check that an application runs: it has started, and is not being stopped. With the feature `application`.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::application::{self, App, AppSpec};
    /// use otp::health::{Check, Health};
    /// use otp::prelude::*;
    ///
    /// let health = Health::new().ready(Check::application("shop"));
    /// assert_eq!(health.readiness(&system).await.to_string(), "fail: shop: the application does not run");
    ///
    /// let shop = App::tree(AppSpec::new("shop"), |_| Ok(Supervisor::new(Strategy::OneForOne)));
    /// application::start(&system, shop).await.unwrap();
    /// # }).unwrap();
    /// ```
    #[cfg(feature = "application")]
    #[cfg_attr(docsrs, doc(cfg(feature = "application")))]
    pub fn application(name: impl Into<Label>) -> Check {
        let name = name.into();
        let check = Check::new(name.clone(), move |system: System| {
            let runs = otp_application::running(&system).contains(&name);
            async move { if runs { Ok(()) } else { Err("the application does not run") } }
        });
        check.max_age(Duration::ZERO)
    }

    /// Sets the time to answer.
    pub fn timeout(mut self, timeout: Duration) -> Check {
        self.timeout = timeout;
        self
    }

    /// Sets for how long an answer is kept. With zero each who asks has the check run, unless it runs already.
    pub fn max_age(mut self, max_age: Duration) -> Check {
        self.max_age = max_age;
        self
    }

    /// The name, for reports.
    pub fn name(&self) -> &Label {
        &self.name
    }
}

fn holder<M: Send + 'static>(system: &System, name: &Name<M>) -> Result<Pid, String> {
    match system.whereis(name) {
        Ok(Some(process)) => Ok(process.pid()),
        Ok(None) => Err("no process has this name".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut check = f.debug_struct("Check");
        check.field("name", &self.name).field("timeout", &self.timeout).field("max_age", &self.max_age);
        check.finish_non_exhaustive()
    }
}
