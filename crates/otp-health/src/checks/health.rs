use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::join_all;
use otp_core::System;

use super::answer::Answer;
use super::check::Check;
use super::report::HealthReport;
use super::run::Entry;

/// Tells whether a service is alive and ready, by its checks: for whoever restarts it, and for whoever sends it work.
///
/// * *Live*: a service that is not should be restarted. What others do, such as a database, has no place here: a restart
///   does not help against it.
/// * *Ready*: a service that is not should be sent no work now. It may become ready by itself. What is not live is not
///   ready, so that readiness asks all checks.
///
/// Cheap to clone; clones share the checks that were added before, with their answers, and the
/// [withdrawal](Health::withdraw). For one system.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::health::{Check, Health, HealthStatus};
/// use otp::prelude::*;
///
/// struct Ledger;
///
/// #[gen_server]
/// impl Ledger {
///     #[init]
///     fn init((): ()) -> Self {
///         Ledger
///     }
/// }
///
/// const LEDGER: ServerName<Ledger> = ServerName::new("ledger");
///
/// let health = Health::new().live(Check::nothing_stuck()).ready(Check::answers(LEDGER).max_age(std::time::Duration::ZERO));
/// assert_eq!(health.liveness(&system).await.status(), HealthStatus::Pass);
/// assert_eq!(health.readiness(&system).await.to_string(), "fail: ledger: no process has this name");
///
/// let ledger = Ledger::start(&system, ()).name(LEDGER).await.unwrap();
/// assert_eq!(health.answer(&system, "/readyz").await.unwrap().status, 200);
/// # }).unwrap();
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Health {
    live: Vec<Arc<Entry>>,
    ready: Vec<Arc<Entry>>,
    withdrawn: Arc<Mutex<Option<String>>>,
}

impl Health {
    /// Makes a health without checks: alive and ready.
    pub fn new() -> Health {
        Health::default()
    }

    /// Adds a check of liveness.
    pub fn live(mut self, check: Check) -> Health {
        self.live.push(Arc::new(Entry::new(check)));
        self
    }

    /// Adds a check of readiness.
    pub fn ready(mut self, check: Check) -> Health {
        self.ready.push(Arc::new(Entry::new(check)));
        self
    }

    /// Says that the service takes no more work, for instance as it is about to stop: it is not ready from now on, for this
    /// reason. It stays live.
    pub fn withdraw(&self, reason: impl fmt::Display) {
        self.set_withdrawn(Some(reason.to_string()));
    }

    /// Takes back a [withdrawal](Health::withdraw).
    pub fn restore(&self) {
        self.set_withdrawn(None);
    }

    fn set_withdrawn(&self, reason: Option<String>) {
        *self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// Asks the checks of liveness, all at once. It takes as long as the slowest of them, and not longer than its time
    /// limit.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: checks that run go on, and their answers are kept.
    pub async fn liveness(&self, system: &System) -> HealthReport {
        HealthReport { withdrawn: None, checks: join_all(self.live.iter().map(|check| check.ask(system))).await }
    }

    /// Asks all checks, all at once; see [`liveness`](Health::liveness).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: checks that run go on, and their answers are kept.
    pub async fn readiness(&self, system: &System) -> HealthReport {
        let checks = join_all(self.live.iter().chain(&self.ready).map(|check| check.ask(system))).await;
        let withdrawn = self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        HealthReport { withdrawn, checks }
    }

    /// Answers a request for a path: `/livez` and `/readyz`, as Kubernetes calls them. `None` for any other path. A query
    /// is ignored.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: checks that run go on, and their answers are kept.
    pub async fn answer(&self, system: &System, path: &str) -> Option<Answer> {
        match path.split('?').next() {
            Some("/livez") => Some(Answer::from(&self.liveness(system).await)),
            Some("/readyz") => Some(Answer::from(&self.readiness(system).await)),
            _ => None,
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Health({} live, {} ready)", self.live.len(), self.ready.len())
    }
}
