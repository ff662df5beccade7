use crate::call::Callee;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::Pid;

/// The error of registering or unregistering a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Another process, or the same one, holds the name.
    #[error("cannot register {name:?}: {holder} holds it")]
    Taken {
        /// The name.
        name: Label,
        /// The process that holds it.
        holder: Pid,
    },
    /// The process has another name already.
    #[error("cannot register {pid} as {name:?}: it is registered as {has:?}")]
    AlreadyNamed {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
        /// The name that it has.
        has: Label,
    },
    /// The process does not exist, or has ended.
    #[error("cannot register {pid} as {name:?}: no such process")]
    NoProc {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
    },
    /// The registry that the name belongs to is not running.
    #[error("cannot register {name:?}: {registry} is not running")]
    NotRunning {
        /// The name.
        name: Label,
        /// The registry.
        registry: Label,
    },
    /// No process holds the name.
    #[error("cannot unregister {name:?}: nobody holds it")]
    NotRegistered {
        /// The name.
        name: Label,
    },
}

/// The error for messages of the wrong type, for example if two names with the same text have different types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} receives {receives}, not {expected}", self.who())]
#[non_exhaustive]
pub struct WrongType {
    /// The name that led to the process, or its label.
    pub label: Option<Label>,
    /// The process.
    pub pid: Pid,
    /// The type of the messages that it receives.
    pub receives: &'static str,
    /// The type of the messages that the caller wanted to send.
    pub expected: &'static str,
}

impl WrongType {
    /// Who it is.
    pub fn who(&self) -> Callee {
        Callee { label: self.label.clone(), pid: Some(self.pid) }
    }
}

/// The error of making a reference from a pid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The process does not exist, or has ended.
    #[error("there is no process {0}")]
    NoProc(Pid),
    /// The process runs on another node, which cannot be reached.
    #[error("the node of {0} cannot be reached")]
    NoConnection(Pid),
    /// The process receives messages of another type.
    #[error(transparent)]
    WrongType(#[from] WrongType),
}

impl LookupError {
    /// Converts the reason why a process was not found.
    pub(crate) fn because(reason: ExitReason, pid: Pid) -> LookupError {
        match reason {
            ExitReason::NoConnection => LookupError::NoConnection(pid),
            _ => LookupError::NoProc(pid),
        }
    }
}
