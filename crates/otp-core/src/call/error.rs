use std::fmt;
use std::time::Duration;

use crate::exit::ExitReason;
use crate::info::ProcessInfo;
use crate::label::Label;
use crate::name::WrongType;
use crate::process::{Pid, Process, Target};
use crate::system::System;

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
    #[error("call to {callee} failed: it ended: {reason}")]
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

impl From<WrongType> for CallError {
    fn from(wrong: WrongType) -> CallError {
        CallError::WrongType { callee: wrong.who(), receives: wrong.receives, expected: wrong.expected }
    }
}

/// Who was called, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Callee {
    /// Its name or label.
    pub label: Option<Label>,
    /// Its pid; `None` if nobody held the name.
    pub pid: Option<Pid>,
}

impl Callee {
    /// A callee of this name or label, and this pid.
    pub fn new(label: Option<Label>, pid: Option<Pid>) -> Callee {
        Callee { label, pid }
    }

    /// Who is meant by a target now: the pid is `None` if nobody holds the name.
    pub fn of(system: &System, target: impl Into<Target>) -> Callee {
        let target = target.into();
        let process = system.find(&target);
        let pid = process.as_ref().map(|process| process.header().pid);
        match target {
            Target::Pid(pid) => {
                let label = process.and_then(|process| system.label_of(process.header()));
                Callee { label, pid: Some(pid) }
            }
            Target::Name(label) | Target::Route { label, .. } => Callee { label: Some(label), pid },
        }
    }
}

impl From<&ProcessInfo> for Callee {
    fn from(info: &ProcessInfo) -> Callee {
        Callee::new(info.label.clone(), Some(info.pid))
    }
}

impl From<&Process> for Callee {
    fn from(process: &Process) -> Callee {
        let header = process.inner().header();
        Callee::new(header.system.label_of(header), Some(header.pid))
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.label, self.pid) {
            (Some(label), Some(pid)) => write!(f, "{label} {pid}"),
            (Some(label), None) => write!(f, "{label}"),
            (None, Some(pid)) => write!(f, "{pid}"),
            (None, None) => f.write_str("nobody"),
        }
    }
}
