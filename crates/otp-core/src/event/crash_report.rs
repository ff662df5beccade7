use std::fmt;

use crate::exit::{Crash, ExitReason, Place};
use crate::label::Label;
use crate::process::{Header, Pid, Process, Ties};

/// A crash report: what is known of a crash.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CrashReport {
    /// The process that crashed, or that the crashed code belonged to; `None` for a task outside any process, and for
    /// a timer.
    pub pid: Option<Pid>,
    /// Its name or label.
    pub label: Option<Label>,
    /// The process that started it, which is its supervisor if it has one; `None` if it was started from outside any
    /// process.
    pub parent: Option<Pid>,
    /// The crash.
    pub reason: ExitReason,
}

impl CrashReport {
    /// A crash of a process, or of code that belongs to it.
    pub(crate) fn of(header: &Header, reason: ExitReason) -> CrashReport {
        let parent = Some(header.parent).filter(|parent| *parent != Pid::SYSTEM);
        CrashReport { pid: Some(header.pid), label: header.system.label_of(header), parent, reason }
    }

    /// A crash of code that a process owned.
    pub(crate) fn about(ties: &Ties, reason: ExitReason) -> CrashReport {
        let label = ties.relations.lock().label();
        CrashReport { pid: Some(ties.pid), label, parent: None, reason }
    }

    /// A crash of code that belongs to no process.
    pub(crate) fn outside(label: Option<Label>, crash: Crash) -> CrashReport {
        CrashReport { pid: None, label, parent: None, reason: ExitReason::Error(crash) }
    }

    /// Where in the source code it happened, if known.
    pub fn place(&self) -> Option<&Place> {
        match &self.reason {
            ExitReason::Error(crash) => crash.place(),
            _ => None,
        }
    }
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
        self.place().map_or(Ok(()), |place| write!(f, ", at {place}"))
    }
}

/// Reports a crash of code that a process ran for somebody else, and that did not end it: [`Event::Crashed`] tells of it,
/// and the log.
///
/// [`Event::Crashed`]: super::Event::Crashed
pub fn report_crash(process: &Process, crash: &Crash) {
    let report = CrashReport::of(process.inner().header(), ExitReason::Error(crash.clone()));
    process.system().events().crashed(report);
}
