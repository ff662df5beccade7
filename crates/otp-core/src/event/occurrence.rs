use std::any::Any;
use std::fmt;

use crate::process::Pid;

/// An occurrence: an event of a kind that the core does not know, reported by another crate with
/// [`System::report`](crate::System::report).
///
/// A crate has one enum for what happens in it, so that whoever listens finds all of it with one
/// [`downcast_ref`](super::Event::downcast_ref). `Display` is a sentence for people that names who.
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
    /// The process that it concerns, if it concerns one.
    fn pid(&self) -> Option<Pid>;

    /// Writes the occurrence to the log, with `tracing`, under a target of the crate's own. By default it is not
    /// logged.
    ///
    /// [`System::report`](crate::System::report) calls this before anybody else is told, so that the reporting crate logs and reports in one
    /// place.
    fn log(&self) {}
}

/// Two occurrences are equal if they are of the same type and `Debug` shows the same of them.
impl PartialEq for dyn Occurrence {
    fn eq(&self, other: &dyn Occurrence) -> bool {
        Any::type_id(self) == Any::type_id(other) && format!("{self:?}") == format!("{other:?}")
    }
}
