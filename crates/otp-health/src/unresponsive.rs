use std::fmt;
use std::time::Duration;

use otp_core::{Callee, Label};

/// The exit reason of a process that a [`Probe`](crate::Probe) has ended, inside
/// [`ExitReason::Other`](otp_core::ExitReason::Other). It is abnormal, and so a transient child is restarted, too.
///
/// ```
/// use std::time::Duration;
///
/// use otp::ExitReason;
/// use otp::health::Unresponsive;
///
/// fn silence(reason: &ExitReason) -> Option<Duration> {
///     let ExitReason::Other(term) = reason else { return None };
///     Some(term.downcast_ref::<Unresponsive>()?.after)
/// }
/// assert_eq!(silence(&ExitReason::Shutdown), None);
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Unresponsive {
    /// The process.
    pub process: Callee,
    /// The time since the first probe that it did not answer.
    pub after: Duration,
    /// How many probes in a row failed.
    pub misses: u32,
    /// What the process was doing.
    pub doing: Label,
    /// The number of messages in its mailbox.
    pub queue: usize,
    /// What the check of the probe answered, if it did.
    pub error: Option<String>,
}

impl fmt::Display for Unresponsive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unresponsive { process, after, misses, doing, queue, error } = self;
        write!(
            f,
            "unresponsive: {process} failed {misses} probes in {after:?} ({queue} messages in its queue, {doing})"
        )?;
        error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
    }
}

/// The text of an exit reason is made of this.
impl fmt::Debug for Unresponsive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
