use std::fmt;

use tracing::field::display;
use tracing::level_filters::LevelFilter;

use super::CrashReport;
use crate::exit::{Crash, contain, panics_are_silent};
use crate::label::Label;

/// Whether anything that is written to the log could be read.
pub(crate) fn is_on() -> bool {
    !panics_are_silent() && LevelFilter::current() != LevelFilter::OFF
}

/// Writes to the log; false if that failed. What is written may show values of users, and where it goes is code of
/// users: neither may harm what is being told of.
pub(crate) fn write(record: impl FnOnce()) -> bool {
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
