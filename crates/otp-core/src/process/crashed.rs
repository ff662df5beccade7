//! Reports of crashes of processes.

use super::handle::Process;
use super::header::Header;
use super::pid::Pid;
use super::ties::Ties;
use crate::event::CrashReport;
use crate::exit::{Crash, ExitReason};

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
}

/// Reports a crash of code that a process ran for somebody else, and that did not end it: [`Event::Crashed`] tells of it,
/// and the log.
///
/// [`Event::Crashed`]: crate::event::Event::Crashed
pub fn report_crash(process: &Process, crash: &Crash) {
    let report = CrashReport::of(process.inner().header(), ExitReason::Error(crash.clone()));
    process.system().events().crashed(report);
}
