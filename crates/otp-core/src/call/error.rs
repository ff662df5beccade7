use std::fmt;
use std::iter::successors;
use std::time::Duration;

use super::callee::Callee;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::WrongType;

/// Why a call got no answer. Its text names the callee and says what is known of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such process, or nobody holds that name.
    #[error("call to {0} failed: no such process")]
    NoProc(Callee),
    /// The holder of the name receives messages of another type.
    #[error("call to {callee} failed: it receives {receives}, not {expected}")]
    WrongType {
        /// Who was called.
        callee: Callee,
        /// The type of the messages that it receives.
        receives: &'static str,
        /// The type of the message that was to be sent.
        expected: &'static str,
    },
    /// The callee ended before it answered.
    ///
    /// The text names the reason that all came from, if the callee ended because of a failed call of its own, and how
    /// many more calls have handed it on.
    #[error("call to {callee} failed: it ended: {}", Cause(reason))]
    Exited {
        /// Who was called.
        callee: Callee,
        /// Why it ended.
        reason: ExitReason,
    },
    /// No answer came in time. The callee still has the request, and its answer will vanish.
    #[error("call to {callee} failed: no answer within {after:?} ({queued} messages in its queue, {doing})")]
    Timeout {
        /// Who was called.
        callee: Callee,
        /// The time limit of the call.
        after: Duration,
        /// How many messages waited in the callee's queue when the time was up.
        queued: usize,
        /// What the callee was doing then.
        doing: Label,
    },
    /// The callee dropped the reply token.
    #[error("call to {0} failed: it dropped the request without a reply")]
    NoReply(Callee),
    /// A process called itself, and would have waited for ever.
    #[error("call to {0} failed: a process cannot call itself")]
    CallingSelf(Callee),
    /// The callee's bounded mailbox had no room within the time limit; the request was not sent.
    #[error("call to {callee} failed: its mailbox of {limit} messages had no room within {after:?}")]
    Full {
        /// Who was called.
        callee: Callee,
        /// The bound of its mailbox.
        limit: usize,
        /// The time limit of the call.
        after: Duration,
    },
}

impl CallError {
    /// Who was called.
    pub fn callee(&self) -> &Callee {
        match self {
            CallError::NoProc(callee)
            | CallError::NoReply(callee)
            | CallError::CallingSelf(callee)
            | CallError::WrongType { callee, .. }
            | CallError::Exited { callee, .. }
            | CallError::Timeout { callee, .. }
            | CallError::Full { callee, .. } => callee,
        }
    }
}

/// A reason, or the one that has led to it through failed calls: as many as there may be, the text is short.
struct Cause<'a>(&'a ExitReason);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut causes = successors(Some(self.0), |reason| cause(reason));
        let calls = causes.clone().count() - 1;
        let reason = causes.nth(calls).expect("it is the last of them");
        match calls {
            0 => write!(f, "{reason}"),
            1 => write!(f, "{reason}, behind 1 more call"),
            _ => write!(f, "{reason}, behind {calls} more calls"),
        }
    }
}

/// Why the callee of the failed call ended that is behind a reason.
fn cause(reason: &ExitReason) -> Option<&ExitReason> {
    let ExitReason::Error(crash) = reason else { return None };
    match crash.error()?.downcast_ref() {
        Some(CallError::Exited { reason, .. }) => Some(reason),
        _ => None,
    }
}

impl From<WrongType> for CallError {
    fn from(wrong: WrongType) -> CallError {
        CallError::WrongType { callee: wrong.who(), receives: wrong.receives, expected: wrong.expected }
    }
}
