use std::fmt;
use std::pin::Pin;

use otp_behaviour::StartError;
use otp_core::{Label, Registration, Spawner};
use otp_genserver::{Envelope, GenServer, Start};

use crate::kind::{Kind, Static};
use crate::server::{Plan, Server};
use crate::supervisor_ref::SupervisorRef;

/// Starts a supervisor when it is awaited, and waits until all its children have started.
///
/// # Errors
///
/// [`StartError`]. If a child did not start, [`FailedToStartChild::behind`](crate::FailedToStartChild::behind) returns
/// which; if a spec was invalid, [`SpecError::behind`](crate::SpecError::behind) returns the error. No process is left
/// running in these cases.
#[must_use = "a supervisor is started when this is awaited"]
pub struct StartSupervisor<K: Kind = Static>(Start<Server<K>>);

impl<K: Kind> StartSupervisor<K> {
    pub(crate) fn new(on: &impl Spawner, plan: Plan<K>) -> StartSupervisor<K> {
        StartSupervisor(Server::start(on, plan)).label("supervisor")
    }

    pub(crate) fn linked(on: &impl Spawner, plan: Plan<K>) -> StartSupervisor<K> {
        StartSupervisor(Server::start_link(on, plan)).label("supervisor")
    }

    /// Registers the supervisor before its children are started: under a name of its own type, or as another
    /// [`Registration`] of it.
    pub fn name(self, name: impl Registration<Envelope<Server<K>>> + 'static) -> StartSupervisor<K> {
        let label = name.label();
        StartSupervisor(self.0.name(name)).label(label)
    }

    /// Sets the label of the supervisor, for logs and introspection; by default its name, or `supervisor`.
    pub fn label(self, label: impl Into<Label>) -> StartSupervisor<K> {
        StartSupervisor(self.0.label(label))
    }
}

impl<K: Kind> IntoFuture for StartSupervisor<K> {
    type Output = Result<SupervisorRef<K>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.await.map(SupervisorRef::new) })
    }
}

impl<K: Kind> fmt::Debug for StartSupervisor<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
