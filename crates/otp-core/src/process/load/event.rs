use std::fmt;

use super::figures::LoadFigures;
use crate::event::Occurrence;
use crate::label::Label;
use crate::process::Pid;

/// Reports that a mailbox with a [policy](super::MailboxPolicy) sheds load, to hooks and subscribers; logged under
/// `otp::load`.
///
/// There are two events for a time of overload, however much is lost in it: the first loss begins it, and it is over when
/// the process has come to the end of its mailbox. How much has been lost so far is in
/// [`ProcessInfo::load`](crate::ProcessInfo::load).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadEvent {
    /// A process gets more than it can handle: its mailbox has refused or dropped a message, for the first time since it
    /// was empty.
    #[non_exhaustive]
    Overloaded {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// What the mailbox does.
        why: Overload,
        /// The number of messages in its mailbox.
        queued: usize,
    },
    /// A process has come to the end of its mailbox after a time of overload.
    #[non_exhaustive]
    Recovered {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// What was lost in that time.
        lost: LoadFigures,
    },
}

/// What a mailbox did when it got too much, as part of a [`LoadEvent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overload {
    /// It refused a message, which went back to its sender.
    Refused,
    /// It dropped a message, because there was no room.
    Dropped,
    /// It dropped a message that had waited for too long.
    TooOld,
}

impl fmt::Display for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Overload::Refused => "a message was refused",
            Overload::Dropped => "a message was dropped",
            Overload::TooOld => "a message was dropped that had waited for too long",
        })
    }
}

impl Occurrence for LoadEvent {
    fn pid(&self) -> Option<Pid> {
        match self {
            LoadEvent::Overloaded { pid, .. } | LoadEvent::Recovered { pid, .. } => Some(*pid),
        }
    }

    fn log(&self) {
        match self {
            LoadEvent::Overloaded { pid, label, why, queued } => tracing::warn!(
                target: "otp::load", %pid, label = label.as_ref().map(display), %why, queued, "a process is overloaded"
            ),
            LoadEvent::Recovered { pid, label, lost } => tracing::info!(
                target: "otp::load", %pid, label = label.as_ref().map(display), refused = lost.refused,
                dropped = lost.dropped, too_old = lost.too_old, "a process is no longer overloaded"
            ),
        }
    }
}

impl fmt::Display for LoadEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = |f: &mut fmt::Formatter<'_>, pid: &Pid, label: &Option<Label>| match label {
            Some(label) => write!(f, "{label} {pid}"),
            None => write!(f, "{pid}"),
        };
        match self {
            LoadEvent::Overloaded { pid, label, why, queued } => {
                who(f, pid, label)?;
                write!(f, " is overloaded: {why} ({queued} messages in its mailbox)")
            }
            LoadEvent::Recovered { pid, label, lost } => {
                who(f, pid, label)?;
                write!(f, " is no longer overloaded: {} messages were refused or dropped", lost.shed())
            }
        }
    }
}
