use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{StartError, StartOptions, Starter, short_name, start};
use otp_core::{ExitReason, Label, Registration, Spawner};

use super::handle::Agent;
use super::run::{AgentMessage, run};

/// Starts an agent when it is awaited, and waits until the start function has made its value. Made by
/// [`Agent::start`] and [`Agent::start_link`].
///
/// # Errors
///
/// [`StartError`]: the start function returned an error, panicked or took too long, or the name is taken. After an
/// error the process is gone and its name is free. A parent that does not trap exits is ended by an abnormal reason,
/// through the link.
///
/// # Cancel safety
///
/// If the future is dropped while the start function runs, the process keeps running.
#[must_use = "an agent is started when this is awaited"]
pub struct StartAgent<T> {
    on: Starter,
    make: Make<T>,
    options: StartOptions<AgentMessage<T>>,
    value: PhantomData<fn() -> T>,
}

type Make<T> = Box<dyn FnOnce() -> BoxFuture<'static, Result<T, ExitReason>> + Send>;

impl<T: Send + 'static> StartAgent<T> {
    pub(super) fn new<F, Fut>(on: &impl Spawner, make: F) -> StartAgent<T>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        let options = StartOptions::new(short_name::<Agent<T>>);
        StartAgent { on: Starter::of(on), make: Box::new(|| make().boxed()), options, value: PhantomData }
    }

    pub(super) fn link(self) -> StartAgent<T> {
        StartAgent { options: self.options.link(), ..self }
    }

    /// Registers the agent before the start function runs: under an [`AgentName`](super::AgentName) of its value's type,
    /// or as another [`Registration`] of it.
    pub fn name(self, name: impl Registration<AgentMessage<T>> + 'static) -> StartAgent<T> {
        StartAgent { options: self.options.name(name), ..self }
    }

    /// Sets the label of the agent, for logs and introspection; by default its name, or its type.
    pub fn label(self, label: impl Into<Label>) -> StartAgent<T> {
        StartAgent { options: self.options.label(label), ..self }
    }

    /// Kills the agent if the start function takes longer than `limit`. By default there is no limit.
    pub fn init_timeout(self, limit: Duration) -> StartAgent<T> {
        StartAgent { options: self.options.timeout(limit), ..self }
    }

    /// Bounds the agent's mailbox to `limit` messages: calls wait for room, casts are dropped.
    pub fn mailbox(self, limit: usize) -> StartAgent<T> {
        StartAgent { options: self.options.mailbox(limit), ..self }
    }

    /// Sets whether a call may run the agent on the caller's thread, once it has been measured to be fast; see
    /// [`SpawnOptions::inline`](otp_core::SpawnOptions::inline). By default it may.
    pub fn inline(self, on: bool) -> StartAgent<T> {
        StartAgent { options: self.options.inline(on), ..self }
    }
}

impl<T: Send + 'static> IntoFuture for StartAgent<T> {
    type Output = Result<Agent<T>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let StartAgent { on, make, options, value: _ } = self;
            let started = start(&on, options, |ctx, parent, ack| run(ctx, parent, ack, make)).await?;
            Ok(Agent::from(started.process))
        })
    }
}

impl<T> fmt::Debug for StartAgent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartAgent({})", short_name::<T>())
    }
}
