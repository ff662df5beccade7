use std::fmt;
use std::time::Duration;

use crate::call::CallError;
use crate::label::Label;
use crate::process::{Doing, Header, Pid};
use crate::system::System;

/// A process that a [`Spectator`](super::Spectator) sees do something.
pub struct Seen<'a>(pub(crate) &'a Header);

impl Seen<'_> {
    /// The pid.
    pub fn pid(&self) -> Pid {
        self.0.pid
    }

    /// The system of the process.
    pub fn system(&self) -> &System {
        &self.0.system
    }

    /// The name of the process's type, such as that of a server; `None` if it is not a behaviour. There are as many types as
    /// the program has, however many processes run.
    pub fn type_name(&self) -> Option<&'static str> {
        self.0.type_name()
    }

    /// The function that names the process's type: to know a type again without its name, which takes longer.
    pub fn type_label(&self) -> Option<fn() -> &'static str> {
        self.0.type_label_of()
    }

    /// The label of the process: the one that was set, else its name, else the name of its type.
    pub fn label(&self) -> Option<Label> {
        self.0.system.label_of(self.0)
    }
}

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen({})", self.pid())
    }
}

/// What a process begins to do.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Handling<'a> {
    /// What it is doing from now on.
    pub doing: Doing,
    /// The message; `None` at the start of the process. Formatting it may run code of the user.
    pub message: Option<&'a dyn fmt::Debug>,
}

impl fmt::Debug for Handling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handling({})", self.doing)
    }
}

/// A call that is over.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallSeen<'a> {
    /// The process that was called, if there is one that runs here or is known.
    pub callee: Option<Seen<'a>>,
    /// How the call ended.
    pub end: CallEnd<'a>,
    /// How long the call took, from its first poll on.
    pub took: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CallEnd<'a> {
    /// The callee has answered.
    Answered,
    /// The call has failed.
    Failed(&'a CallError),
    /// Its caller has given it up: the future was dropped.
    GivenUp,
}

impl CallEnd<'_> {
    pub(crate) fn of<R>(outcome: &Result<R, CallError>) -> CallEnd<'_> {
        outcome.as_ref().err().map_or(CallEnd::Answered, CallEnd::Failed)
    }
}
