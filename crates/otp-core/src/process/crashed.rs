//! Reports of crashes of processes.

use std::sync::Arc;

use super::handle::Process;
use super::header::Header;
use super::pid::Pid;
use super::ties::Ties;
use crate::event::CrashReport;
use crate::exit::{Crash, ExitReason, contain, cut};

impl CrashReport {
    /// Makes the report of a crash of a process, or of code that belongs to it.
    pub(crate) fn of(header: &Header, reason: ExitReason) -> CrashReport {
        let parent = Some(header.parent).filter(|parent| *parent != Pid::SYSTEM);
        CrashReport { pid: Some(header.pid), label: header.system.label_of(header), parent, reason, state: None }
    }

    /// As [`of`](CrashReport::of), with the state that the process has kept for it.
    pub(crate) fn with_state(header: &Header, reason: ExitReason) -> CrashReport {
        CrashReport { state: header.take_state(), ..CrashReport::of(header, reason) }
    }

    /// Makes the report of a crash of code that a process owned.
    pub(crate) fn about(ties: &Ties, reason: ExitReason) -> CrashReport {
        let label = ties.relations.lock().label();
        CrashReport { pid: Some(ties.pid), label, parent: None, reason, state: None }
    }
}

/// Reports a crash that did not end the process: code that it ran for others panicked. The crash becomes an
/// [`Event::Crashed`], and is logged.
///
/// [`Event::Crashed`]: crate::event::Event::Crashed
pub fn report_crash(process: &Process, crash: &Crash) {
    let report = CrashReport::with_state(process.inner().header(), ExitReason::Error(crash.clone()));
    process.system().events().crashed(report);
}

/// Keeps how the state of a behaviour looks for the report of the crash with which it is about to end, or that it reports
/// next. `state` is only called if `reason` is abnormal and somebody hears or logs crashes; its text is cut at
/// [`CrashReport::STATE`] bytes, and a panic in it is mentioned in place of the text.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::behaviour::keep_state;
/// use otp::event::Event;
/// use otp::{ExitReason, ProcessContext};
///
/// # system.log_crashes(false);
/// let mut events = system.subscribe();
/// system.spawn(async |ctx: ProcessContext<()>| {
///     let reason = ExitReason::crash("no cups left");
///     keep_state(&ctx, &reason, || Some("Kitchen { cups: 0 }".to_owned()));
///     reason
/// });
/// let report = loop {
///     if let Event::Crashed(report) = events.next().await {
///         break report;
///     }
/// };
/// assert_eq!(report.state.as_deref(), Some("Kitchen { cups: 0 }"));
/// # }).unwrap();
/// ```
pub fn keep_state(process: &Process, reason: &ExitReason, state: impl FnOnce() -> Option<String>) {
    if !reason.is_abnormal() || !process.system().events().hears_crashes() {
        return;
    }
    let text = contain(state).unwrap_or_else(|crash| Some(format!("(showing it panicked: {})", crash.message())));
    let state = text.map(|text| cut(text, CrashReport::STATE).into());
    process.inner().header().put_state(state);
}

impl Header {
    fn put_state(&self, state: Option<Arc<str>>) {
        if let Some(alive) = self.relations.lock().alive() {
            alive.rare().state = state;
        }
    }

    fn take_state(&self) -> Option<Arc<str>> {
        self.relations.lock().alive()?.existing_rare()?.state.take()
    }
}
