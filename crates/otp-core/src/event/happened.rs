use std::fmt;

use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::Pid;

/// Something that happened in a system.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A process was started; it has not run yet.
    Spawned {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// Who started it; [`Pid::SYSTEM`] from outside any process.
        parent: Pid,
    },
    /// A process has ended. Its state is dropped; its links and monitors have not fired, and its name is not free.
    Exited {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// Why.
        reason: ExitReason,
    },
    /// Code panicked, or a process ended itself with an abnormal reason.
    Crashed(CrashReport),
    /// A supervisor has started a child again.
    Restarted {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: Label,
        /// The new process; `None` if its start answered ignore.
        pid: Option<Pid>,
    },
    /// A supervisor ends because its children ended too often.
    GaveUp {
        /// The supervisor.
        supervisor: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The child whose end was one too many.
        child: Label,
        /// Why that child ended.
        reason: ExitReason,
    },
}

/// What is known of a crash.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CrashReport {
    /// The process that crashed, or that the crashed code belonged to; `None` for a task outside any process, and for
    /// a timer.
    pub pid: Option<Pid>,
    /// Its name or label.
    pub label: Option<Label>,
    /// The crash.
    pub reason: ExitReason,
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.label, self.pid) {
            (Some(label), Some(pid)) => write!(f, "{label} {pid}")?,
            (Some(label), None) => write!(f, "{label}")?,
            (None, Some(pid)) => write!(f, "{pid}")?,
            (None, None) => f.write_str("a task")?,
        }
        write!(f, ": {}", self.reason)?;
        if let ExitReason::Error(crash) = &self.reason
            && let Some(place) = crash.place()
        {
            write!(f, ", at {place}")?;
        }
        Ok(())
    }
}
