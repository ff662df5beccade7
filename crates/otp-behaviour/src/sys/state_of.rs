use std::fmt;
use std::marker::PhantomData;

use otp_core::{Name, Pid, ProcessRef, Target};

/// A process and the expected type of its state. The reference to a server knows the type; with a pid or a name the
/// caller chooses it.
pub struct StateOf<S> {
    process: Target,
    state: PhantomData<fn(S)>,
}

impl<S> StateOf<S> {
    /// Makes a target whose state is expected to be of type `S`.
    pub fn new(process: impl Into<Target>) -> StateOf<S> {
        StateOf { process: process.into(), state: PhantomData }
    }
}

impl<S> From<Pid> for StateOf<S> {
    fn from(process: Pid) -> StateOf<S> {
        StateOf::new(process)
    }
}

impl<S> From<Target> for StateOf<S> {
    fn from(process: Target) -> StateOf<S> {
        StateOf::new(process)
    }
}

impl<S, M: Send + 'static> From<&ProcessRef<M>> for StateOf<S> {
    fn from(process: &ProcessRef<M>) -> StateOf<S> {
        StateOf::new(process)
    }
}

impl<S, M> From<&Name<M>> for StateOf<S> {
    fn from(name: &Name<M>) -> StateOf<S> {
        StateOf::new(name)
    }
}

impl<S> From<StateOf<S>> for Target {
    fn from(state_of: StateOf<S>) -> Target {
        state_of.process
    }
}

impl<S> Clone for StateOf<S> {
    fn clone(&self) -> StateOf<S> {
        StateOf { process: self.process.clone(), state: PhantomData }
    }
}

impl<S> fmt::Debug for StateOf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateOf({})", self.process)
    }
}
