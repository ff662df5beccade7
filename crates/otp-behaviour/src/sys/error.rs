use otp_core::{CallError, Callee, Crash};

/// The error of a system request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SysError {
    /// There was no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The process is not a behaviour, or its behaviour does not support the request.
    #[error("cannot {request} {callee}: it is no server that supports this")]
    NotSupported {
        /// The process that was asked.
        callee: Callee,
        /// The request.
        request: &'static str,
    },
    /// The state of the process is of another type.
    #[error("cannot {request} {callee}: its state is no {expected}")]
    WrongType {
        /// The process that was asked.
        callee: Callee,
        /// The request.
        request: &'static str,
        /// The type that was requested.
        expected: &'static str,
    },
    /// The function that reads or changes the state panicked. The crash has been reported, and the server continues.
    #[error("{request} of {callee} panicked: {crash}")]
    Panicked {
        /// The process that was asked.
        callee: Callee,
        /// The request.
        request: &'static str,
        /// The panic.
        crash: Crash,
    },
}

impl SysError {
    /// Makes the error for a process that does not support a request; for those who write one.
    pub fn not_supported(who: impl Into<Callee>, request: &'static str) -> SysError {
        SysError::NotSupported { callee: who.into(), request }
    }
}
