use std::pin::Pin;

use otp_behaviour::StartError;
use otp_core::{Label, Registration};
use otp_genserver::{Envelope, GenServer, ServerRef, Start};

use crate::server::SupervisorServer;
use crate::supervisor_ref::SupervisorRef;

/// A supervisor that is about to be started; awaiting it starts it and waits until all its children have been.
///
/// # Errors
///
/// [`StartError`]. If a child did not start, [`FailedToStartChild::behind`](crate::FailedToStartChild::behind) tells
/// which; if a spec was wrong, [`SpecError::behind`](crate::SpecError::behind). Nothing is left running then.
#[must_use = "a supervisor is started when this is awaited"]
#[derive(Debug)]
pub struct StartSupervisor<S: GenServer = SupervisorServer, T = SupervisorRef> {
    start: Start<S>,
    wrap: fn(ServerRef<S>) -> T,
}

impl StartSupervisor {
    pub(crate) fn new(start: Start<SupervisorServer>) -> StartSupervisor {
        StartSupervisor::wrapping(start, SupervisorRef::new)
    }
}

impl<S: GenServer, T> StartSupervisor<S, T> {
    pub(crate) fn wrapping(start: Start<S>, wrap: fn(ServerRef<S>) -> T) -> StartSupervisor<S, T> {
        StartSupervisor { start: start.label("supervisor"), wrap }
    }

    /// Registers the supervisor before its children are started: under a name of its own type, or as another
    /// [`Registration`] of it.
    pub fn name(self, name: impl Registration<Envelope<S>> + 'static) -> StartSupervisor<S, T> {
        let label = name.label();
        StartSupervisor { start: self.start.name(name).label(label), ..self }
    }

    /// What people call the supervisor; by default its name, or `supervisor`.
    pub fn label(self, label: impl Into<Label>) -> StartSupervisor<S, T> {
        StartSupervisor { start: self.start.label(label), ..self }
    }
}

impl<S: GenServer, T: Send + 'static> IntoFuture for StartSupervisor<S, T> {
    type Output = Result<T, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start.await.map(self.wrap) })
    }
}
