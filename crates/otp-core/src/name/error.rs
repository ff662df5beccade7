use crate::call::Callee;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::Pid;

/// Why a name could not be registered or unregistered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Another process, or the same one, holds the name.
    #[error("cannot register {name:?}: {holder} holds it")]
    Taken {
        /// The name.
        name: Label,
        /// Who holds it.
        holder: Pid,
    },
    /// The process has a name already.
    #[error("cannot register {pid} as {name:?}: it is registered as {has:?}")]
    AlreadyNamed {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
        /// The name that it has.
        has: Label,
    },
    /// The process does not exist, or no longer.
    #[error("cannot register {pid} as {name:?}: no such process")]
    NoProc {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
    },
    /// Nobody holds the name.
    #[error("cannot unregister {name:?}: nobody holds it")]
    NotRegistered {
        /// The name.
        name: Label,
    },
}

/// A process does not receive the messages that were meant for it: two names with one text, for one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} receives {receives}, not {expected}", self.who())]
#[non_exhaustive]
pub struct WrongType {
    /// The name that led to the process, or what people call it.
    pub label: Option<Label>,
    /// The process.
    pub pid: Pid,
    /// The type of the messages that it receives.
    pub receives: &'static str,
    /// The type of the messages that were to be sent.
    pub expected: &'static str,
}

impl WrongType {
    pub(crate) fn who(&self) -> Callee {
        Callee { label: self.label.clone(), pid: Some(self.pid) }
    }
}

/// Why there is no reference to the process of a pid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// There is no such process, or no longer.
    #[error("there is no process {0}")]
    NoProc(Pid),
    /// It runs elsewhere, and its node cannot be reached.
    #[error("the node of {0} cannot be reached")]
    NoConnection(Pid),
    /// It receives messages of another type.
    #[error(transparent)]
    WrongType(#[from] WrongType),
}

impl LookupError {
    /// Why a process is not found.
    pub(crate) fn because(reason: ExitReason, pid: Pid) -> LookupError {
        match reason {
            ExitReason::NoConnection => LookupError::NoConnection(pid),
            _ => LookupError::NoProc(pid),
        }
    }
}
