use otp_core::{CallError, Callee, Crash};

/// Why a process did not do what a system request asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SysError {
    /// There was no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The process is no behaviour, or its behaviour has no such thing.
    #[error("cannot {request} {callee}: it is no server that supports this")]
    NotSupported {
        /// Who was asked.
        callee: Callee,
        /// What for.
        request: &'static str,
    },
    /// The state of the process is of another type.
    #[error("cannot {request} {callee}: its state is no {expected}")]
    WrongType {
        /// Who was asked.
        callee: Callee,
        /// What for.
        request: &'static str,
        /// The type that was asked for.
        expected: &'static str,
    },
    /// The function that was to look at the state, or to change it, panicked. The crash has been reported, and the
    /// server goes on.
    #[error("{request} of {callee} panicked: {crash}")]
    Panicked {
        /// Who was asked.
        callee: Callee,
        /// What for.
        request: &'static str,
        /// The panic.
        crash: Crash,
    },
}

impl SysError {
    pub(super) fn not_supported(who: impl Into<Callee>, request: &'static str) -> SysError {
        SysError::NotSupported { callee: who.into(), request }
    }
}
