use std::any::Any;
use std::fmt;

use crate::process::Pid;

/// An event of another crate, which the core does not know; reported with [`System::report`](crate::System::report).
///
/// A crate defines one enum for all its events, so that listeners find them with one
/// [`downcast_ref`](super::Event::downcast_ref). `Display` is a sentence for people that names the process.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::fmt;
///
/// use otp::Pid;
/// use otp::event::{Event, Occurrence};
///
/// #[derive(Debug)]
/// #[non_exhaustive]
/// enum PoolEvent {
///     Overflowed { pool: Pid, waiting: usize },
/// }
///
/// impl fmt::Display for PoolEvent {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         match self {
///             PoolEvent::Overflowed { pool, waiting } => write!(f, "pool {pool} is exhausted, {waiting} wait"),
///         }
///     }
/// }
///
/// impl Occurrence for PoolEvent {
///     fn pid(&self) -> Option<Pid> {
///         match self {
///             PoolEvent::Overflowed { pool, .. } => Some(*pool),
///         }
///     }
/// }
///
/// let mut events = system.subscribe();
/// system.report(|| PoolEvent::Overflowed { pool: Pid::SYSTEM, waiting: 3 });
///
/// let event: Event = events.next().await;
/// assert!(matches!(event.downcast_ref(), Some(PoolEvent::Overflowed { waiting: 3, .. })));
/// # }).unwrap();
/// ```
pub trait Occurrence: Any + fmt::Debug + fmt::Display + Send + Sync {
    /// The process that the event is about, if there is one.
    fn pid(&self) -> Option<Pid>;

    /// Writes the occurrence to the log, with `tracing`, under a target of the crate. By default it is not logged.
    ///
    /// [`System::report`](crate::System::report) calls this before the hooks, so that a crate logs and reports in one
    /// place.
    fn log(&self) {}
}

/// Two occurrences are equal if they have the same type and the same `Debug` text.
impl PartialEq for dyn Occurrence {
    fn eq(&self, other: &dyn Occurrence) -> bool {
        Any::type_id(self) == Any::type_id(other) && format!("{self:?}") == format!("{other:?}")
    }
}
