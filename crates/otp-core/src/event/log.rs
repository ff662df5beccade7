use std::fmt;

use tracing::field::display;
use tracing::level_filters::LevelFilter;

use super::CrashReport;
use crate::exit::{Crash, ExitReason, contain, panics_are_silent};
use crate::label::Label;
use crate::name::WrongType;
use crate::process::{Header, Pid};
use crate::system::System;

impl System {
    /// Whether crashes in this system are written to the log, as they are by default: with `tracing` under the target
    /// `otp::crash`, and to standard error as long as the program has never had a `tracing` subscriber.
    ///
    /// For tests that expect crashes. Hooks and subscribers are told of them all the same.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// system.log_crashes(false);
    /// let doomed = system.spawn(async |_: ProcessContext<()>| ExitReason::other("as expected"));
    /// assert_eq!(doomed.exited().await, ExitReason::other("as expected"));
    /// # }).unwrap();
    /// ```
    pub fn log_crashes(&self, on: bool) {
        self.events().log_crashes(on);
    }
}

/// Whether anything that is written to the log could be read.
pub(super) fn is_on() -> bool {
    !panics_are_silent() && LevelFilter::current() != LevelFilter::OFF
}

/// Writes to the log; false if that failed. What is written may show values of users, and where it goes is code of
/// users: neither may harm what is being told of.
pub(super) fn write(record: impl FnOnce()) -> bool {
    let Err(crash) = contain(record) else { return true };
    to_standard_error(format_args!("a panic while the log was written: {crash}"));
    false
}

/// Logs a crash. If nobody listens to `tracing`, or that fails, it goes to standard error.
pub(super) fn crashed(report: &CrashReport) {
    if panics_are_silent() {
        return;
    }
    let written = write(|| {
        let (pid, parent) = (report.pid.map(display), report.parent.map(display));
        let (label, place) = (report.label.as_ref().map(display), report.place().map(display));
        // Shown here, and not by who listens, perhaps under a lock: it runs code of users. Not at all if nobody does.
        let reason = || display(report.reason.to_string());
        match report.pid {
            Some(_) => tracing::error!(
                target: "otp::crash", pid, label, parent, reason = reason(), place, "a process crashed"
            ),
            None => tracing::error!(target: "otp::crash", label, reason = reason(), place, "a task crashed"),
        }
    });
    if !written || !tracing::dispatcher::has_been_set() {
        to_standard_error(format_args!("crash: {report}"));
    }
}

/// Logs the crash of a task, of which no system knows.
pub(crate) fn task_crashed(what: &'static str, crash: Crash) {
    crashed(&CrashReport::outside(Some(Label::from_static(what)), crash));
}

/// Logs that an exit signal ended a process, which is no crash of that process.
pub(crate) fn ended_by_signal(header: &Header, from: Pid, reason: &ExitReason) {
    if is_on() {
        write(|| {
            let label = || header.system.label_of(header).map(display);
            let reason = || display(reason.to_string());
            tracing::debug!(
                target: "otp::exit", pid = %header.pid, label = label(), reason = reason(), %from,
                "a process was ended by an exit signal"
            );
        });
    }
}

/// Logs that a message through an alias found a full mailbox.
pub(crate) fn mailbox_full(to: &Header) {
    if is_on() {
        write(|| {
            let (to, label) = (to.pid, to.system.label_of(to).map(display));
            tracing::warn!(target: "otp::mailbox", %to, label, "a message was dropped: the mailbox is full");
        });
    }
}

/// Logs that a message found a process of another type, where nobody else can be told.
pub(crate) fn wrong_type(wrong: &WrongType) {
    if is_on() {
        write(|| {
            let WrongType { label, pid: to, receives, expected, .. } = wrong;
            tracing::error!(
                target: "otp::mailbox", %to, label = label.as_ref().map(display), receives, expected,
                "a message was dropped: its addressee is of another type"
            );
        });
    }
}

/// Logs a panic of a hook.
pub(super) fn hook_panicked(crash: &Crash) {
    if is_on() {
        write(|| {
            let place = crash.place().map(display);
            tracing::error!(target: "otp::event", reason = %crash, place, "an event hook panicked");
        });
    }
}

/// The last resort, so that no crash is silent.
#[allow(clippy::print_stderr, reason = "nobody listens to anything else")]
fn to_standard_error(line: fmt::Arguments<'_>) {
    let line = line.to_string();
    // It panics where standard error has been closed.
    let _ = contain(|| eprintln!("{line}"));
}
