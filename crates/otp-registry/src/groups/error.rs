use otp_core::{Label, Pid, Target, WrongType};

/// The error of a request to a scope of groups that has ended, or was never started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoScope {
    /// There is no such scope.
    #[error("there is no scope of groups {scope}")]
    Ended {
        /// The name or the label of the scope.
        scope: Label,
    },
    /// The holder of the name is no scope of this type.
    #[error("{} is no scope of groups of this type: it receives {}", .0.who(), .0.receives)]
    WrongType(#[from] WrongType),
}

/// The error of joining a group, or of monitoring one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// There is no such scope.
    #[error(transparent)]
    NoScope(#[from] NoScope),
    /// The process has ended, or no process holds the name.
    #[error("{process} cannot be in a group of {scope}: no such process")]
    NoProc {
        /// The name or the label of the scope.
        scope: Label,
        /// The process.
        process: Target,
    },
    /// The holder of the name receives messages of another type.
    #[error("{} cannot be in a group of {scope}: it receives {}, not {}", wrong.who(), wrong.receives, wrong.expected)]
    WrongType {
        /// The name or the label of the scope.
        scope: Label,
        /// The process, and the two types.
        wrong: WrongType,
    },
    /// The process belongs to another [`System`](otp_core::System).
    #[error("{process} cannot be in a group of {scope}: it belongs to another system")]
    OtherSystem {
        /// The name or the label of the scope.
        scope: Label,
        /// The process.
        process: Target,
    },
}

/// The error of leaving a group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeaveError {
    /// There is no such scope.
    #[error(transparent)]
    NoScope(#[from] NoScope),
    /// None of the processes is a member of the group; the first one is named.
    #[error("{process} is not in this group of {scope}")]
    NotJoined {
        /// The name or the label of the scope.
        scope: Label,
        /// The process.
        process: Pid,
    },
}
