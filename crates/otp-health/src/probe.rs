use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_supervisor::{ChildSpec, Started};

use crate::prober;

/// Asks a child at intervals whether it still answers, and ends it with [`Unresponsive`](crate::Unresponsive) when it does
/// not: then its supervisor restarts it by its rules. Kubernetes calls it a liveness probe.
///
/// `T` is what the start of the child returns, such as its `ServerRef`; see [`Probed::probe`].
///
/// A probe is a system request, which a behaviour serves between two messages, in order, also while it is suspended. So a
/// child misses a probe if one of its handlers, or what waits in its mailbox before the probe, takes longer than the
/// [`timeout`](Probe::timeout). A process that is not a behaviour is asked by a [`check`](Probe::check) only.
///
/// Left alone are a child whose `init` still runs; one that has said that its handler [may
/// take](crate::MayTake::may_take) its time; and, by a check, one that is suspended.
///
/// A child whose code holds its thread cannot be stopped. It is reported as
/// [`HealthEvent::Unstoppable`](crate::HealthEvent), and is restarted when that code has returned. Who probes is a process,
/// too: on an executor of one thread that is held, nobody does; the [`Watchdog`](crate::Watchdog) notices that.
#[must_use]
pub struct Probe<T> {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    pub(crate) misses: u32,
    pub(crate) check: Option<Arc<Check<T>>>,
}

pub(crate) type Check<T> = dyn Fn(T) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

impl<T> Probe<T> {
    /// Makes a probe every 30 seconds, which has to be answered within 5 seconds; the third one in a row that is not ends
    /// the child.
    pub fn new() -> Probe<T> {
        Probe { interval: Duration::from_secs(30), timeout: Duration::from_secs(5), misses: 3, check: None }
    }

    /// Sets the pause between an answer, or a miss, and the next probe; and between the start and the first one.
    pub fn interval(mut self, interval: Duration) -> Probe<T> {
        self.interval = interval;
        self
    }

    /// Sets the time to answer.
    pub fn timeout(mut self, timeout: Duration) -> Probe<T> {
        self.timeout = timeout;
        self
    }

    /// Sets how many probes in a row may fail: the last of them ends the child. At least one.
    pub fn misses(mut self, misses: u32) -> Probe<T> {
        self.misses = misses.max(1);
        self
    }

    /// Asks with `check` instead: it gets the handle of the child, and an error, a panic and no answer within the
    /// [`timeout`](Probe::timeout) are misses. It runs in a process of its own.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::health::{Probe, Probed};
    /// use otp::prelude::*;
    ///
    /// struct Pump {
    ///     pressure: u32,
    /// }
    ///
    /// #[gen_server]
    /// impl Pump {
    ///     #[init]
    ///     fn init(pressure: u32) -> Self {
    ///         Pump { pressure }
    ///     }
    ///
    ///     #[call]
    ///     fn pressure(&self) -> u32 {
    ///         self.pressure
    ///     }
    /// }
    ///
    /// let probe = Probe::new().check(async |pump: ServerRef<Pump>| match pump.pressure().await {
    ///     Ok(0..10) => Err("the pump runs dry".to_owned()),
    ///     Ok(_) => Ok(()),
    ///     Err(error) => Err(error.to_string()),
    /// });
    /// let tree = Supervisor::new(Strategy::OneForOne).child(Pump::child(12).probe(probe));
    /// assert!(tree.start(&system).await.is_ok());
    /// # }).unwrap();
    /// ```
    pub fn check<C, Fut, E>(mut self, check: C) -> Probe<T>
    where
        C: Fn(T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let check = move |child: T| check(child).map(|checked| checked.map_err(|error| error.to_string())).boxed();
        self.check = Some(Arc::new(check));
        self
    }
}

impl<T> Default for Probe<T> {
    fn default() -> Probe<T> {
        Probe::new()
    }
}

impl<T> Clone for Probe<T> {
    fn clone(&self) -> Probe<T> {
        Probe { check: self.check.clone(), ..*self }
    }
}

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut probe = f.debug_struct("Probe");
        let probe = probe.field("interval", &self.interval).field("timeout", &self.timeout);
        probe.field("misses", &self.misses).finish_non_exhaustive()
    }
}

/// Extends child specs by probes.
pub trait Probed<T>: Sized {
    /// Probes the child from each of its starts to its end.
    fn probe(self, probe: Probe<T>) -> Self;
}

impl<T: Started + Clone + Sync, F> Probed<T> for ChildSpec<T, F> {
    fn probe(self, probe: Probe<T>) -> ChildSpec<T, F> {
        let id = self.id().clone();
        self.on_start(move |supervisor, child| prober::start(supervisor, id.clone(), probe.clone(), child.clone()))
    }
}
