//! Reports of crashes of processes.

use super::handle::Process;
use super::header::Header;
use super::pid::Pid;
use super::ties::Ties;
use crate::event::CrashReport;
use crate::exit::{Crash, ExitReason};

impl CrashReport {
    /// Makes the report of a crash of a process, or of code that belongs to it.
    pub(crate) fn of(header: &Header, reason: ExitReason) -> CrashReport {
        let parent = Some(header.parent).filter(|parent| *parent != Pid::SYSTEM);
        CrashReport { pid: Some(header.pid), label: header.system.label_of(header), parent, reason }
    }

    /// Makes the report of a crash of code that a process owned.
    pub(crate) fn about(ties: &Ties, reason: ExitReason) -> CrashReport {
        let label = ties.relations.lock().label();
        CrashReport { pid: Some(ties.pid), label, parent: None, reason }
    }
}

/// Reports a crash that did not end the process: code that it ran for others panicked. The crash becomes an
/// [`Event::Crashed`], and is logged.
///
/// [`Event::Crashed`]: crate::event::Event::Crashed
pub fn report_crash(process: &Process, crash: &Crash) {
    let report = CrashReport::of(process.inner().header(), ExitReason::Error(crash.clone()));
    process.system().events().crashed(report);
}
