use std::fmt;
use std::sync::Arc;

use crate::exit::{Crash, ExitReason, Place};
use crate::label::Label;
use crate::process::Pid;

/// Describes a crash, for events and the log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CrashReport {
    /// The process that crashed, or that owned the crashed code; `None` for a task outside any process, and for a
    /// timer.
    pub pid: Option<Pid>,
    /// Its name or label.
    pub label: Option<Label>,
    /// The process that started it, which is its supervisor if it has one; `None` if it was started from outside any
    /// process.
    pub parent: Option<Pid>,
    /// The crash.
    pub reason: ExitReason,
    /// How its state looked, if it is a behaviour that tells: the text of `format_status`, cut at
    /// [`STATE`](CrashReport::STATE) bytes. Of a server that is its state as the failed callback left it.
    pub state: Option<Arc<str>>,
}

impl CrashReport {
    /// The number of bytes at which the text of a state is cut.
    pub const STATE: usize = 4096;

    /// Makes a report for code that belongs to no process.
    pub(crate) fn outside(label: Option<Label>, crash: Crash) -> CrashReport {
        CrashReport { pid: None, label, parent: None, reason: ExitReason::Error(crash), state: None }
    }

    /// The place of the crash in the source code, if known.
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
        self.place().map_or(Ok(()), |place| write!(f, ", at {place}"))?;
        self.state.as_ref().map_or(Ok(()), |state| write!(f, ", in the state {state}"))
    }
}
