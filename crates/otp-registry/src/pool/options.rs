use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::StartError;
use otp_core::{ExitReason, Label, Process, Spawner};
use otp_supervisor::{
    Backoff, ChildSpec, Dynamic, Restart, Shutdown, StartChildError, Started, StartsChild, SupervisorRef,
};

use super::pool_ref::{PoolName, PoolRef};
use super::start::StartPool;

/// The handle to a worker: what its start function returns, such as a `ServerRef`. Implemented by all types that
/// qualify.
pub trait Worker: Started + Clone + Sync {}

impl<W: Started + Clone + Sync> Worker for W {}

/// Configures and starts a pool of workers of any kind, each made from the same child spec. `poolboy`'s arguments.
///
/// The workers run under a supervisor of the pool, which ends with it. The pool itself replaces a worker that ends, so
/// the restart type of the spec is ignored; its shutdown is how a worker is ended that is no longer needed. The spec must
/// not register a name, as there are several such workers.
///
/// If workers keep failing, their replacements wait: see [`backoff`](Pool::backoff).
#[must_use = "a pool does nothing before it is started"]
pub struct Pool<W: Worker> {
    pub(super) starts: Arc<StartWorker<W>>,
    pub(super) check: Option<Arc<Check<W>>>,
    pub(super) check_limit: Duration,
    pub(super) size: usize,
    pub(super) overflow: usize,
    pub(super) overflow_idle: Duration,
    pub(super) queue: Option<usize>,
    pub(super) lazy: bool,
    pub(super) strategy: Strategy,
    pub(super) on_death: OnBorrowerDeath,
    pub(super) backoff: Backoff,
    pub(super) shutdown: Shutdown,
}

pub(super) type StartWorker<W> =
    dyn Fn(SupervisorRef<Dynamic>) -> BoxFuture<'static, Result<Option<W>, StartChildError>> + Send + Sync;

pub(super) type Check<W> = dyn Fn(W) -> BoxFuture<'static, Result<(), ExitReason>> + Send + Sync;

/// Which of several idle workers is lent next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// The one that was checked in last; it is the most likely to be warm. `poolboy`'s default.
    #[default]
    Lifo,
    /// The one that was checked in first: all workers are used in turn.
    Fifo,
}

/// What becomes of a worker whose borrower ended while it held the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnBorrowerDeath {
    /// The worker is checked in, and its health is checked if the pool does so. `poolboy` does this, and it is the
    /// default: a worker is a process with a mailbox, so a request that the borrower left behind is finished before the
    /// next borrower's begins.
    #[default]
    CheckIn,
    /// The worker is killed and replaced. For workers that have a conversation with their borrower, such as an open
    /// transaction, which another borrower must not continue.
    Replace,
}

impl<W: Worker> Pool<W> {
    /// Makes a pool whose workers are started from `spec`: of one worker, without overflow, with the defaults of each
    /// option below.
    pub fn new<F>(spec: ChildSpec<W, F>) -> Pool<W>
    where
        F: StartsChild + Clone + Send + Sync + 'static,
    {
        let shutdown = spec.shutdown_limit();
        let spec = spec.restart(Restart::Temporary).significant(false);
        let starts = move |supervisor: SupervisorRef<Dynamic>| {
            let spec = spec.clone();
            async move { supervisor.start_child(spec).await }.boxed()
        };
        Pool {
            starts: Arc::new(starts),
            check: None,
            check_limit: Duration::from_secs(5),
            size: 1,
            overflow: 0,
            overflow_idle: Duration::ZERO,
            queue: None,
            lazy: false,
            strategy: Strategy::default(),
            on_death: OnBorrowerDeath::default(),
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(10)),
            shutdown,
        }
    }

    /// Sets how many workers the pool keeps; by default, one. With zero, all workers are overflow.
    pub fn size(mut self, workers: usize) -> Pool<W> {
        self.size = workers;
        self
    }

    /// Sets how many more workers may be started while all others are borrowed; by default, none. An overflow worker is
    /// ended at its check-in if no borrower waits.
    pub fn overflow(mut self, workers: usize) -> Pool<W> {
        self.overflow = workers;
        self
    }

    /// Keeps an overflow worker for another `idle` after its check-in; by default, it is ended at once.
    pub fn overflow_idle(mut self, idle: Duration) -> Pool<W> {
        self.overflow_idle = idle;
        self
    }

    /// Bounds the queue: how many borrowers may wait for a worker to be checked in. Another one fails at once, with
    /// [`CheckoutError::Full`](super::CheckoutError::Full). By default there is no bound. A borrower that waits for a
    /// worker that is being started does not count.
    pub fn queue(mut self, borrowers: usize) -> Pool<W> {
        self.queue = Some(borrowers);
        self
    }

    /// Starts workers when they are first needed. By default, the start of the pool starts `size` of them, and fails if
    /// one of them does.
    pub fn lazy(mut self) -> Pool<W> {
        self.lazy = true;
        self
    }

    /// Sets which of several idle workers is lent next; by default, [`Strategy::Lifo`].
    pub fn strategy(mut self, strategy: Strategy) -> Pool<W> {
        self.strategy = strategy;
        self
    }

    /// Sets what becomes of a worker whose borrower ends while it holds the worker; by default,
    /// [`OnBorrowerDeath::CheckIn`].
    pub fn on_borrower_death(mut self, choice: OnBorrowerDeath) -> Pool<W> {
        self.on_death = choice;
        self
    }

    /// Checks the health of a worker at each check-in, before it is lent again. A worker whose check fails, panics, or
    /// takes longer than [`health_limit`](Pool::health_limit), is ended, with the error as the exit reason, and replaced.
    ///
    /// The check runs in a task of the pool. It may call the worker; the pool serves others meanwhile.
    pub fn health<Fut, E>(mut self, check: impl Fn(W) -> Fut + Send + Sync + 'static) -> Pool<W>
    where
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.check =
            Some(Arc::new(move |worker| check(worker).map(|checked| checked.map_err(ExitReason::error)).boxed()));
        self
    }

    /// Sets how long a health check may take; by default, five seconds.
    pub fn health_limit(mut self, limit: Duration) -> Pool<W> {
        self.check_limit = limit;
        self
    }

    /// Sets the pauses between attempts to start workers that keep failing: that do not start, or that end soon and
    /// before they were checked in once. The first failure is followed by a new start at once, the next one by the first
    /// pause. By default, pauses grow from 100 ms to ten seconds. A worker that is checked in resets them.
    pub fn backoff(mut self, backoff: Backoff) -> Pool<W> {
        self.backoff = backoff;
        self
    }

    /// Starts the pool without a link.
    pub fn start(self, on: &impl Spawner) -> StartPool<W> {
        StartPool::new(on, self)
    }

    /// Starts the pool with a link to its parent: the process that starts it, or the system itself.
    pub fn start_link(self, on: &impl Spawner) -> StartPool<W> {
        StartPool::new(on, self).link()
    }

    /// Makes the child spec of this pool, with this id. Each start makes new workers.
    ///
    /// When it is stopped, the pool refuses new borrowers and waits for the current ones, and then ends its workers. The
    /// shutdown of the spec is the time limit for both: five seconds, unless it is changed. Then the pool is killed, and
    /// its workers end as those of a supervisor that was killed do.
    ///
    /// ```
    /// # use otp::prelude::*;
    /// # use otp::registry::Pool;
    /// # use std::time::Duration;
    /// # #[derive(Default)] struct Connection;
    /// # #[gen_server]
    /// # impl Connection {
    /// #     #[init]
    /// #     fn init() -> Self { Connection }
    /// #     #[call]
    /// #     fn query(&mut self) -> u32 { 42 }
    /// # }
    /// # fn main() {
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// let spec = Pool::new(Connection::child(())).size(2).supervised("database").shutdown(Shutdown::Timeout(Duration::from_secs(30)));
    /// let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    /// let pool = supervisor.start_child(spec).await.unwrap().unwrap();
    /// assert_eq!(pool.run(async |connection| connection.query().await).await, Ok(Ok(42)));
    /// # }).unwrap();
    /// # }
    /// ```
    pub fn supervised(self, id: impl Into<Label>) -> ChildSpec<PoolRef<W>> {
        let id = id.into();
        let label = id.clone();
        let start = async move |supervisor: Process| self.start_link(&supervisor).label(label).await;
        ChildSpec::supervisor(id, start).shutdown(Shutdown::Timeout(Duration::from_secs(5)))
    }

    /// Makes the child spec of this pool, as [`supervised`](Pool::supervised), with a name under which
    /// [`PoolRef::named`] finds the pool after a restart, too. The name is also the id.
    pub fn supervised_as(self, name: PoolName<W>) -> ChildSpec<PoolRef<W>> {
        let id = Label::from(name.clone());
        let start = async move |supervisor: Process| self.start_link(&supervisor).name(name).await;
        ChildSpec::supervisor(id, start).shutdown(Shutdown::Timeout(Duration::from_secs(5)))
    }

    /// The most workers that there may be.
    pub(super) fn most(&self) -> usize {
        self.size.saturating_add(self.overflow).max(1)
    }

    /// The pause after so many failures in a row.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        match failures.checked_sub(2) {
            None => Duration::ZERO,
            Some(pauses) => self.backoff.pause(pauses),
        }
    }

    /// A worker that lived longer has not failed at its start.
    pub(super) fn longest_pause(&self) -> Duration {
        self.backoff.pause(u32::MAX)
    }
}

/// Starts one worker, and tells why it did not start.
pub(super) async fn start_worker<W: Worker>(
    starts: &StartWorker<W>,
    supervisor: &SupervisorRef<Dynamic>,
) -> Result<W, StartError> {
    match starts(supervisor.clone()).await {
        Ok(Some(worker)) => Ok(worker),
        Ok(None) => Err(StartError::Ignore(Label::from_static("the worker"))),
        Err(StartChildError::Failed { error, .. }) => Err(error),
        Err(error) => Err(StartError::failed(error)),
    }
}

impl<W: Worker> Clone for Pool<W> {
    fn clone(&self) -> Pool<W> {
        Pool { starts: self.starts.clone(), check: self.check.clone(), ..*self }
    }
}

impl<W: Worker> fmt::Debug for Pool<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("size", &self.size)
            .field("overflow", &self.overflow)
            .field("queue", &self.queue)
            .field("lazy", &self.lazy)
            .field("strategy", &self.strategy)
            .field("on_borrower_death", &self.on_death)
            .finish_non_exhaustive()
    }
}
