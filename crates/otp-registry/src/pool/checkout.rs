use std::fmt;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::{Address, Call, CallError, Callee, Ref, Spawner};

use super::borrowed::Borrowed;
use super::error::CheckoutError;
use super::gauge::Gauge;
use super::message::{Ask, PoolMessage, Request, Return};
use super::options::Worker;

/// Borrows a worker when it is awaited; made by [`PoolRef::checkout`](super::PoolRef::checkout).
///
/// By default it waits at most five seconds. Borrowers get workers in the order in which their requests came in.
///
/// # Errors
///
/// See [`CheckoutError`].
///
/// # Cancel safety
///
/// If the future is dropped, or its process ends, its place in the queue is free at once. A worker that is on its way
/// goes back to the pool, and to the next borrower.
#[must_use = "a worker is borrowed when this is awaited"]
pub struct Checkout<W: Worker> {
    pool: Address<PoolMessage<W>>,
    limit: Option<Duration>,
    waits: bool,
}

impl<W: Worker> Checkout<W> {
    pub(super) fn new(pool: &Address<PoolMessage<W>>) -> Checkout<W> {
        Checkout { pool: pool.clone(), limit: Some(Duration::from_secs(5)), waits: true }
    }

    pub(super) fn without_waiting(self) -> Checkout<W> {
        Checkout { waits: false, ..self }
    }

    /// Sets how long the borrower waits for a worker.
    pub fn timeout(self, limit: Duration) -> Checkout<W> {
        Checkout { limit: Some(limit), ..self }
    }

    /// Waits for a worker without a time limit.
    pub fn no_timeout(self) -> Checkout<W> {
        Checkout { limit: None, ..self }
    }

    /// Borrows a worker for the time of `work`; see [`PoolRef::run`](super::PoolRef::run).
    ///
    /// # Errors
    ///
    /// See [`CheckoutError`]; `work` does not run then.
    pub async fn run<T, Fut>(self, work: impl FnOnce(W) -> Fut) -> Result<T, CheckoutError>
    where
        Fut: Future<Output = T>,
    {
        let worker = self.borrow().await?;
        let output = work(W::clone(&worker)).await;
        worker.check_in();
        Ok(output)
    }

    async fn borrow(self) -> Result<Borrowed<W>, CheckoutError> {
        let Checkout { pool, limit, waits } = self;
        let system = pool.system();
        let ticket = system.make_ref();
        let borrower = Spawner::process(system).map(|process| process.pid());
        let mut place = Place { pool: &pool, ticket, left: Some(Return::Unseen) };
        let call = Call::new(&pool, |from| PoolMessage(Request::Checkout(Ask { ticket, borrower, waits, from })));
        let answer = match limit {
            Some(limit) => call.timeout(limit).await,
            None => call.no_timeout().await,
        };
        match answer {
            Ok(Ok(delivery)) => {
                place.left = None;
                Ok(delivery.accept())
            }
            Ok(Err(error)) => {
                place.left = None;
                Err(error)
            }
            Err(CallError::Timeout { callee, after, .. }) => {
                place.left = Some(Return::TimedOut);
                Err(timed_out(&pool, callee, after))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn timed_out<W: Worker>(address: &Address<PoolMessage<W>>, pool: Callee, after: Duration) -> CheckoutError {
    let gauge = pool.pid.and_then(|pid| Gauge::of(address.system(), pid)).unwrap_or_default();
    CheckoutError::Timeout {
        pool,
        after,
        workers: gauge.workers.load(Ordering::Relaxed),
        limit: gauge.limit,
        waiting: gauge.waiting.load(Ordering::Relaxed),
    }
}

/// A place in the queue: tells the pool when the borrower leaves it.
struct Place<'a, W: Worker> {
    pool: &'a Address<PoolMessage<W>>,
    ticket: Ref,
    /// How it leaves; `None` once it has an answer.
    left: Option<Return>,
}

impl<W: Worker> Drop for Place<'_, W> {
    fn drop(&mut self) {
        if let Some(how) = self.left {
            // A pool that has ended has no queue.
            let _ = self.pool.try_send(PoolMessage(Request::CheckIn(self.ticket, how)));
        }
    }
}

impl<W: Worker> IntoFuture for Checkout<W> {
    type Output = Result<Borrowed<W>, CheckoutError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.borrow())
    }
}

impl<W: Worker> fmt::Debug for Checkout<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checkout(from {:?})", self.pool)
    }
}
