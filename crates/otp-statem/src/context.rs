use std::fmt;
use std::ops::{Deref, DerefMut};

use otp_core::{Spawner, System};

use crate::machine::Machine;
use crate::state_machine::StateMachine;

/// Gives the callbacks of a machine access to its process. Dereferences to the
/// [context of a server](otp_genserver::Context), and so to a [`Process`](otp_core::Process).
pub struct Context<'a, M: StateMachine> {
    inner: Option<&'a mut otp_genserver::Context<Machine<M>>>,
}

impl<'a, M: StateMachine> Context<'a, M> {
    pub(crate) fn new(inner: &'a mut otp_genserver::Context<Machine<M>>) -> Context<'a, M> {
        Context { inner: Some(inner) }
    }

    /// Makes a context without a process, for tests that run a callback and look at its decision.
    pub fn detached() -> Context<'static, M> {
        Context { inner: None }
    }
}

/// # Panics
///
/// If the context is [detached](Context::detached).
impl<M: StateMachine> Deref for Context<'_, M> {
    type Target = otp_genserver::Context<Machine<M>>;

    fn deref(&self) -> &Self::Target {
        self.inner.as_deref().expect(DETACHED)
    }
}

/// # Panics
///
/// If the context is [detached](Context::detached).
impl<M: StateMachine> DerefMut for Context<'_, M> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.inner.as_deref_mut().expect(DETACHED)
    }
}

const DETACHED: &str = "a detached context has no process";

impl<M: StateMachine> Spawner for Context<'_, M> {
    fn system(&self) -> &System {
        Spawner::system(&**self)
    }

    fn process(&self) -> Option<otp_core::Process> {
        Spawner::process(&**self)
    }
}

impl<M: StateMachine> fmt::Debug for Context<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Some(inner) => fmt::Debug::fmt(inner, f),
            None => f.write_str("Context(detached)"),
        }
    }
}
