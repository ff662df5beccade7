use std::any::Any;
use std::fmt;

use crate::exit::{ExitReason, Term};
use crate::info::ProcessInfo;
use crate::process::Process;

/// A request to a process that only needs its pid, whatever its message type; sent by [`ask`](super::ask).
///
/// A behaviour serves the request between two messages, in order of arrival, also while it is suspended; a bounded
/// mailbox does not refuse it. For any other process the request is answered at once, from what the system knows.
///
/// The methods run inside library code: they must neither block nor panic. Dropping a request tells the requester that
/// there is no answer: with the exit reason, if the process ended, and with [`NoReply`](crate::CallError::NoReply)
/// otherwise.
pub trait SystemRequest: Send {
    /// The request in one word, for the traces of simulated runs.
    fn name(&self) -> &'static str;

    /// Serves the request, in the process that was asked, which is a behaviour.
    fn serve(self: Box<Self>, by: &mut dyn Systemic);

    /// Answers the request for a process that is not a behaviour; runs in the requester.
    fn answer(self: Box<Self>, about: ProcessInfo);
}

impl fmt::Debug for dyn SystemRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SystemRequest({})", self.name())
    }
}

/// The access of a [`SystemRequest`] to a behaviour. A behaviour keeps the defaults for parts that it does not have.
pub trait Systemic {
    /// The process.
    fn process(&self) -> &Process;

    /// Returns the state, for requests that read or change it by its type.
    fn state(&mut self) -> Option<&mut dyn Any> {
        None
    }

    /// Formats the state. May panic: the caller catches that.
    fn format_status(&self) -> Option<String> {
        None
    }

    /// Returns the diagram of the states that may follow each other, in Mermaid's language; `None` if there is none.
    fn diagram(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether the behaviour handles messages, for requests to change; `None` if it cannot be suspended.
    /// A suspended behaviour accepts no messages, and no signals but the exit of its parent, [`Signal::Stop`] and
    /// [`Signal::System`].
    ///
    /// [`Signal::Stop`]: super::Signal::Stop
    /// [`Signal::System`]: super::Signal::System
    fn mode(&mut self) -> Option<&mut Mode> {
        None
    }

    /// Lets other code take the place of the behaviour's: the behaviour knows the type of the value, which says what does.
    ///
    /// # Errors
    ///
    /// Gives the value back, if the behaviour cannot be replaced, or not by that.
    fn replace(&mut self, by: Box<dyn Any + Send>) -> Result<(), Box<dyn Any + Send>> {
        Err(by)
    }

    /// Changes the state, while the behaviour is suspended; `None` if there is nothing to change. May panic: the caller
    /// catches that.
    fn change_code(&mut self, extra: Term) -> Option<Result<(), ExitReason>> {
        drop(extra);
        None
    }
}

/// Whether a behaviour handles its messages, or is suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// The behaviour handles messages.
    #[default]
    Running,
    /// The behaviour only handles system requests, requests to stop, and the exit of its parent.
    Suspended,
}
