use std::fmt;
use std::pin::Pin;

use otp_behaviour::{StartError, StartOptions, Starter, start};
use otp_core::{Label, Registration, Spawner};

use super::message::PoolMessage;
use super::options::{Pool, Worker};
use super::pool_ref::PoolRef;
use super::server;

/// Starts a pool when it is awaited, and waits until its workers have started, unless it is [lazy](Pool::lazy).
///
/// # Errors
///
/// [`StartError`]: that of the first worker that did not start. The pool and its workers have ended then.
///
/// # Cancel safety
///
/// If the future is dropped while workers are started, the pool keeps running.
#[must_use = "a pool is started when this is awaited"]
pub struct StartPool<W: Worker> {
    on: Starter,
    pool: Pool<W>,
    options: StartOptions<PoolMessage<W>>,
}

impl<W: Worker> StartPool<W> {
    pub(super) fn new(on: &impl Spawner, pool: Pool<W>) -> StartPool<W> {
        StartPool { on: Starter::of(on), pool, options: StartOptions::new(|| "pool").trap_exit(true) }
    }

    pub(super) fn link(mut self) -> StartPool<W> {
        self.options = self.options.link();
        self
    }

    /// Registers the pool before its workers are started: under a [`PoolName`](super::PoolName), or as another
    /// [`Registration`] of it.
    pub fn name(mut self, name: impl Registration<PoolMessage<W>> + 'static) -> StartPool<W> {
        self.options = self.options.name(name);
        self
    }

    /// Sets the label of the pool, for errors, logs and introspection; by default its name, or `pool`.
    pub fn label(mut self, label: impl Into<Label>) -> StartPool<W> {
        self.options = self.options.label(label);
        self
    }
}

impl<W: Worker> IntoFuture for StartPool<W> {
    type Output = Result<PoolRef<W>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let StartPool { on, pool, options } = self;
        Box::pin(async move {
            let started = start(&on, options, |ctx, parent, ack| server::run(ctx, parent, ack, pool)).await?;
            Ok(PoolRef::from(started.process))
        })
    }
}

impl<W: Worker> fmt::Debug for StartPool<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartPool({:?})", self.pool)
    }
}
