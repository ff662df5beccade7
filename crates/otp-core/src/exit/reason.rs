use std::fmt;

use super::{Crash, Term};

/// Says why a process ended, or why it is asked to end.
///
/// `Normal`, `Shutdown` and `ShutdownWith` are the quiet reasons: they are not a crash, and a transient child that ends
/// with one is not restarted. When a process ends with `Normal`, a linked process does not notice unless it traps
/// exits. Every other reason is [abnormal](ExitReason::is_abnormal).
///
/// Any error converts into a reason, so that `?` in a process or a callback ends it with that error:
///
/// ```
/// use otp::ExitReason;
///
/// fn parse(text: &str) -> Result<i64, ExitReason> {
///     Ok(text.parse::<i64>()?)
/// }
/// let reason = parse("one").unwrap_err();
/// assert!(reason.is_abnormal());
/// assert_eq!(reason.to_string(), "crash: invalid digit found in string");
/// ```
///
/// A call whose callee was shut down meanwhile ends the caller quietly, if `?` makes its error a reason: the
/// [`CallError`](crate::CallError) becomes `ShutdownWith` the error, as OTP's `gen_server:call` exits with `{shutdown,
/// {gen_server, call, Args}}`.
///
/// See the chapter "Errors and Error Handling" of the Erlang reference manual.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExitReason {
    /// The process ended by itself, as intended.
    Normal,
    /// The process was asked to stop, usually by its supervisor.
    Shutdown,
    /// Like `Shutdown`, with a detail.
    ShutdownWith(Term),
    /// As a signal: cannot be trapped. As a reason: the process ended itself with this reason.
    Kill,
    /// The process was ended by a `Kill` signal.
    Killed,
    /// The process or name does not exist (any more).
    NoProc,
    /// The connection to the process's node is lost.
    NoConnection,
    /// Any other deliberate reason.
    Other(Term),
    /// A panic, or an unhandled error.
    Error(Crash),
}

impl ExitReason {
    /// Makes a reason from any value.
    pub fn other<T: fmt::Debug + PartialEq + Send + Sync + 'static>(value: T) -> ExitReason {
        ExitReason::Other(Term::new(value))
    }

    /// Makes a `Shutdown` with a detail.
    pub fn shutdown_with<T: fmt::Debug + PartialEq + Send + Sync + 'static>(value: T) -> ExitReason {
        ExitReason::ShutdownWith(Term::new(value))
    }

    /// Makes a crash with a message, as if the process had panicked with it.
    #[track_caller]
    pub fn crash(message: impl Into<String>) -> ExitReason {
        ExitReason::Error(Crash::new(message))
    }

    /// Returns true unless the reason is `Normal`, `Shutdown` or `ShutdownWith`.
    pub fn is_abnormal(&self) -> bool {
        !matches!(self, ExitReason::Normal | ExitReason::Shutdown | ExitReason::ShutdownWith(_))
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitReason::Normal => f.write_str("normal"),
            ExitReason::Shutdown => f.write_str("shutdown"),
            ExitReason::ShutdownWith(term) => write!(f, "shutdown: {term}"),
            ExitReason::Kill => f.write_str("kill"),
            ExitReason::Killed => f.write_str("killed"),
            ExitReason::NoProc => f.write_str("no such process"),
            ExitReason::NoConnection => f.write_str("no connection"),
            ExitReason::Other(term) => write!(f, "{term}"),
            ExitReason::Error(crash) => write!(f, "crash: {crash}"),
        }
    }
}

/// Defines what the body of a process may return: nothing, a reason, a `Result` with a reason as its error, or never.
pub trait IntoExit {
    /// Converts the value to an exit reason.
    fn into_exit(self) -> ExitReason;
}

impl IntoExit for () {
    fn into_exit(self) -> ExitReason {
        ExitReason::Normal
    }
}

impl IntoExit for ExitReason {
    fn into_exit(self) -> ExitReason {
        self
    }
}

impl<T: IntoExit> IntoExit for Result<T, ExitReason> {
    fn into_exit(self) -> ExitReason {
        match self {
            Ok(value) => value.into_exit(),
            Err(reason) => reason,
        }
    }
}

/// For bodies that loop for ever.
impl IntoExit for Never {
    fn into_exit(self) -> ExitReason {
        self
    }
}

/// The type `!`, which has no stable name but is the return type of a function that never returns.
type Never = <fn() -> ! as Returns>::Output;

/// The return type of a function type.
#[allow(unreachable_pub, unnameable_types, reason = "a public impl names it")]
pub trait Returns {
    /// The type.
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}
