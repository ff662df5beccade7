use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::System;

use crate::watchers::{Watchers, Watching};

/// Counts the work that was taken, and is closed once: to stop a service without losing any. Draining, graceful shutdown.
/// Cheap to clone.
///
/// Work [enters](Gate::enter) before it is taken, and keeps its [`Pass`] until it is done. At the end,
/// [`prep_stop`](crate::Application::prep_stop) [drains](Gate::drain) the gate: closes it, so that no more work is taken,
/// and waits until what was taken is done, at most for so long. Who takes work, such as an acceptor, waits for
/// [`closed`](Gate::closed) beside it.
///
/// * *Order.* After `close` has returned, nobody enters any more. `drained` is ready when the last pass is gone.
/// * *On exit.* The pass of a process that ends, or panics, is dropped with its state, and counts no longer.
/// * *Cost.* To enter and to leave is one atomic operation each.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
///
/// use otp::ProcessContext;
/// use otp::application::Gate;
///
/// let gate = Gate::new();
/// let work = gate.enter().unwrap();
/// let worker = system.spawn(async move |mut ctx: ProcessContext<()>| {
///     ctx.receive().await;
///     drop(work);
/// });
///
/// gate.close();
/// assert!(gate.enter().is_err(), "no more work is taken");
/// assert_eq!(gate.drain(&system, Duration::ZERO).await.left, 1, "it is not done yet");
///
/// worker.send(()).await.unwrap();
/// assert_eq!(gate.drain(&system, Duration::from_secs(5)).await.left, 0);
/// # }).unwrap();
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Twice the number of passes, and one if the gate is closed.
    state: AtomicUsize,
    watchers: Arc<Watchers>,
}

const CLOSED: usize = 1;
const PASS: usize = 2;

impl Gate {
    /// Makes an open gate.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Enters, for as long as the pass is kept.
    ///
    /// # Errors
    ///
    /// [`GateClosed`] if the gate is closed: the work is not to be taken.
    pub fn enter(&self) -> Result<Pass, GateClosed> {
        let enter = |state| (state & CLOSED == 0).then_some(state + PASS);
        let entered = self.0.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter);
        entered.map(|_| Pass(self.0.clone())).map_err(|_| GateClosed)
    }

    /// Closes the gate, for good. Does not wait.
    pub fn close(&self) {
        self.0.state.fetch_or(CLOSED, Ordering::AcqRel);
        self.0.watchers.wake();
    }

    /// True if the gate is closed.
    pub fn is_closed(&self) -> bool {
        self.0.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// The number of passes.
    pub fn inside(&self) -> usize {
        self.0.state.load(Ordering::Acquire) / PASS
    }

    /// Waits until the gate is closed: for who takes work, beside what brings it.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let gate = self.clone();
        Watching::new(self.0.watchers.clone(), move || gate.is_closed().then_some(()))
    }

    /// Waits until the gate is closed and no pass is left.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        let gate = self.clone();
        Watching::new(self.0.watchers.clone(), move || (gate.0.state.load(Ordering::Acquire) == CLOSED).then_some(()))
    }

    /// Closes the gate, waits until no pass is left, at most for `limit`, and tells how many are.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped after its first poll, the gate stays closed.
    pub async fn drain(&self, system: &System, limit: Duration) -> Drained {
        let began = system.now();
        self.close();
        // What is left is told.
        let _ = system.timeout(limit, self.drained()).await;
        Drained { left: self.inside(), took: system.now() - began }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gate({}, {} inside)", if self.is_closed() { "closed" } else { "open" }, self.inside())
    }
}

/// Stands for a piece of work that was taken; dropped when it is done. From [`Gate::enter`].
#[must_use = "the work counts as done when this is dropped"]
pub struct Pass(Arc<Inner>);

impl Drop for Pass {
    fn drop(&mut self) {
        if self.0.state.fetch_sub(PASS, Ordering::AcqRel) == PASS | CLOSED {
            self.0.watchers.wake();
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass")
    }
}

/// How a [`Gate`] was drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// How many pieces of work were not done in time.
    pub left: usize,
    /// How long it took.
    pub took: Duration,
}

/// The error of entering a gate that is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more work is taken: the gate is closed")]
#[non_exhaustive]
pub struct GateClosed;
