use std::fmt;
use std::pin::Pin;

use otp_behaviour::StartError;
use otp_core::{Label, Registration};
use otp_genserver::{Envelope, Start};

use super::manager::GenEvent;
use super::manager_ref::GenEventRef;

/// Starts an event manager when it is awaited. Made by [`GenEvent::start`] and [`GenEvent::start_link`].
///
/// # Errors
///
/// [`StartError`], if the name is taken.
#[must_use = "a manager is started when this is awaited"]
pub struct StartGenEvent<E: Send + Sync + 'static>(Start<GenEvent<E>>);

impl<E: Send + Sync + 'static> StartGenEvent<E> {
    pub(super) fn new(start: Start<GenEvent<E>>) -> StartGenEvent<E> {
        StartGenEvent(start)
    }

    /// Registers the manager under a [`GenEventName`](super::GenEventName) of its type, or as another registration of it.
    pub fn name(self, name: impl Registration<Envelope<GenEvent<E>>> + 'static) -> StartGenEvent<E> {
        StartGenEvent(self.0.name(name))
    }

    /// Sets the label of the manager, for logs, errors and introspection; by default its name, or `gen_event`.
    pub fn label(self, label: impl Into<Label>) -> StartGenEvent<E> {
        StartGenEvent(self.0.label(label))
    }

    /// Sets other options of the start, such as a bound of the mailbox.
    pub fn with(self, options: impl FnOnce(Start<GenEvent<E>>) -> Start<GenEvent<E>>) -> StartGenEvent<E> {
        StartGenEvent(options(self.0))
    }
}

impl<E: Send + Sync + 'static> IntoFuture for StartGenEvent<E> {
    type Output = Result<GenEventRef<E>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let started = self.0.into_future();
        Box::pin(async move { started.await.map(GenEventRef::from) })
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for StartGenEvent<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartGenEvent")
    }
}
