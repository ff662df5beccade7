use std::any::Any;
use std::fmt;

use crate::exit::{ExitReason, Term};
use crate::info::ProcessInfo;
use crate::process::Process;

/// A system request: something that a process can be asked by its pid alone, whatever its messages are. It is sent by
/// [`ask`](super::ask).
///
/// A behaviour serves it between two of its messages, in its turn, also while it is suspended; no bound refuses it. For
/// any other process it is answered at once, from what the system knows.
///
/// The methods run in the middle of other people's code: they must neither block nor panic. Dropping a request tells
/// whoever asked that there is no answer: why the process ended, if it did, and
/// [`NoReply`](crate::CallError::NoReply) otherwise.
pub trait SystemRequest: Send {
    /// What is asked, in a word, for the traces of simulated runs.
    fn name(&self) -> &'static str;

    /// Serves the request: in the process that was asked, which is a behaviour.
    fn serve(self: Box<Self>, by: &mut dyn Systemic);

    /// Answers the request for a process that is no behaviour: in whoever asks.
    fn answer(self: Box<Self>, about: ProcessInfo);
}

impl fmt::Debug for dyn SystemRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SystemRequest({})", self.name())
    }
}

/// A behaviour as a [`SystemRequest`] sees it. What a behaviour does not have, it leaves as it is here.
pub trait Systemic {
    /// The process.
    fn process(&self) -> &Process;

    /// The state, which is looked at, and changed, by its type.
    fn state(&mut self) -> Option<&mut dyn Any> {
        None
    }

    /// The state in words. It may panic: whoever calls it contains that.
    fn format_status(&self) -> Option<String> {
        None
    }

    /// Whether the behaviour handles its messages, to be set by requests; `None` if it cannot be suspended.
    ///
    /// A suspended behaviour accepts no messages, and no signals but the exit of its parent, [`Signal::Stop`] and
    /// [`Signal::System`].
    ///
    /// [`Signal::Stop`]: super::Signal::Stop
    /// [`Signal::System`]: super::Signal::System
    fn mode(&mut self) -> Option<&mut Mode> {
        None
    }

    /// Changes the state, while the behaviour is suspended; `None` if there is nothing to change. It may panic: whoever
    /// calls it contains that.
    fn change_code(&mut self, extra: Term) -> Option<Result<(), ExitReason>> {
        drop(extra);
        None
    }
}

/// Whether a behaviour handles its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// It does.
    #[default]
    Running,
    /// Only system requests, requests to stop, and the exit of its parent.
    Suspended,
}
