use std::fmt;
use std::iter::successors;
use std::time::Duration;

use super::callee::Callee;
use super::cycle::Cycle;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::WrongType;

/// The error of a call that got no answer. Its text names the callee and what is known about it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such process, or no process holds the name.
    #[error("call to {0} failed: no such process")]
    NoProc(Callee),
    /// The holder of the name receives messages of another type.
    #[error("call to {callee} failed: it receives {receives}, not {expected}")]
    WrongType {
        /// The called process.
        callee: Callee,
        /// The type of the messages that the callee receives.
        receives: &'static str,
        /// The type of the message that the caller wanted to send.
        expected: &'static str,
    },
    /// The callee ended before it answered. If it had certainly not begun with the request, the request can be sent again.
    ///
    /// If the callee ended because of a failed call of its own, the text names the original reason, and the number of
    /// calls that passed it on.
    #[error("call to {callee} failed: it ended{}: {}", if *begun { "" } else { " before it received the request" }, Cause(reason))]
    Exited {
        /// The called process.
        callee: Callee,
        /// The exit reason of the callee.
        reason: ExitReason,
        /// Whether it may have received the request; see [`may_have_begun`](CallError::may_have_begun).
        begun: bool,
    },
    /// No answer came within the timeout. The callee still has the request, unless `begun` is false; its answer will be
    /// dropped.
    #[error("call to {callee} failed: no answer within {after:?} ({queued} messages in its queue, {doing})")]
    Timeout {
        /// The called process.
        callee: Callee,
        /// The timeout of the call.
        after: Duration,
        /// The number of messages in the callee's mailbox when the time was up.
        queued: usize,
        /// What the callee was doing at that time.
        doing: Label,
        /// Whether it may have received the request, or still will; see [`may_have_begun`](CallError::may_have_begun).
        begun: bool,
    },
    /// The callee dropped the reply token.
    #[error("call to {0} failed: it dropped the request without a reply")]
    NoReply(Callee),
    /// A process called itself, and would have waited for ever.
    #[error("call to {0} failed: a process cannot call itself")]
    CallingSelf(Callee),
    /// The call closes a cycle of processes that wait for each other, so that none of them can continue: a deadlock,
    /// which is detected at once. The callee still has the request, and may handle it afterwards.
    ///
    /// One process of the cycle gets this error, or several that close it at the same moment. `docs/health.md` says
    /// which waits form a cycle; [`Call::detect_deadlock`](crate::Call::detect_deadlock) switches the detection off.
    #[error("call to {callee} failed: deadlock, as {cycle}")]
    Deadlock {
        /// The called process.
        callee: Callee,
        /// The processes that wait for each other.
        cycle: Cycle,
    },
    /// An exit signal ends the caller while it blocks its thread on the call, as with `block_on`, or polls the call in
    /// a loop: its future cannot be dropped at an `.await`. The callee may have the request.
    ///
    /// The caller ends as soon as it waits or returns. If it keeps blocking on calls, it is unwound.
    #[error("call to {0} was interrupted: the caller is to end, and blocks its thread")]
    Interrupted(Callee),
    /// The callee is overloaded: its bounded mailbox had no room within the timeout, or refused or dropped the request
    /// by its [policy](crate::MailboxPolicy). The request was not begun, and never will be.
    #[error("call to {callee} failed: {}", NoRoom { limit: *limit, after: *after, shed: *shed })]
    Full {
        /// The called process.
        callee: Callee,
        /// The bound of the mailbox, or of the [lane](crate::process::Lane) of the request. Zero if there is no bound:
        /// then the request was dropped because of its age, or replaced by a newer one.
        limit: usize,
        /// The timeout of the call; zero if the call did not wait, because the mailbox refuses messages when it is
        /// full.
        after: Duration,
        /// Whether the mailbox dropped the request: when it arrived, or while it waited.
        shed: bool,
    },
}

impl CallError {
    /// Whether the callee may have begun with the request. If not, no code of the callee has seen the request or will
    /// see it, so that it can be sent again without being handled twice.
    ///
    /// A request has begun when the callee has received it, however far its handler came. It has not begun if there was
    /// no such process or no room for it, if it was shed, or if it still waited in the mailbox when the callee ended.
    ///
    /// The answer is exact if the callee receives its messages in their order, as servers do. It may be true of a
    /// request that was not begun, if the callee has received selectively or has removed signals from its mailbox, or
    /// if the request replaced a waiting one, by a policy that [coalesces](crate::MailboxPolicy::coalesce). It is never
    /// false of a request that was begun.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{Call, ProcessContext, ReplyTo};
    ///
    /// // It takes one request, and ends with the other in its mailbox.
    /// let server = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u32>>| {
    ///     let _request = ctx.receive().await;
    /// });
    /// let calls = [(); 2].map(|()| Call::new(&server, |from| from).send_request());
    /// let errors = futures::future::join_all(calls).await.into_iter().map(Result::unwrap_err);
    /// assert_eq!(errors.map(|error| error.may_have_begun()).collect::<Vec<_>>(), [true, false]);
    /// # }).unwrap();
    /// ```
    pub fn may_have_begun(&self) -> bool {
        match self {
            CallError::NoProc(_) | CallError::WrongType { .. } | CallError::CallingSelf(_) | CallError::Full { .. } => {
                false
            }
            CallError::Exited { begun, .. } | CallError::Timeout { begun, .. } => *begun,
            CallError::NoReply(_) | CallError::Interrupted(_) | CallError::Deadlock { .. } => true,
        }
    }

    /// Returns the called process.
    pub fn callee(&self) -> &Callee {
        match self {
            CallError::NoProc(callee)
            | CallError::NoReply(callee)
            | CallError::CallingSelf(callee)
            | CallError::Interrupted(callee)
            | CallError::WrongType { callee, .. }
            | CallError::Exited { callee, .. }
            | CallError::Timeout { callee, .. }
            | CallError::Deadlock { callee, .. }
            | CallError::Full { callee, .. } => callee,
        }
    }
}

/// Why a request found no room, in words.
struct NoRoom {
    limit: usize,
    after: Duration,
    shed: bool,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoRoom { limit, after, shed } = *self;
        match (shed, after) {
            (true, _) => f.write_str("it has too much to do, and dropped the request"),
            (false, Duration::ZERO) => write!(f, "its mailbox of {limit} messages is full"),
            (false, after) => write!(f, "its mailbox of {limit} messages had no room within {after:?}"),
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
