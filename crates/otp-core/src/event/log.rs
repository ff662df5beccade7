use std::fmt;

use tracing::field::display;
use tracing::level_filters::LevelFilter;

use super::CrashReport;
use crate::exit::{Crash, contain, panics_are_silent};
use crate::label::Label;

/// Whether a log record would be read by anything.
pub(crate) fn is_on() -> bool {
    !panics_are_silent() && LevelFilter::current() != LevelFilter::OFF
}

/// Writes a log record; false if that failed. Formatting the record may run user code, and so does the subscriber: a
/// panic in either must not affect what is reported.
pub(crate) fn write(record: impl FnOnce()) -> bool {
    let Err(crash) = contain(record) else { return true };
    to_standard_error(format_args!("a panic while the log was written: {crash}"));
    false
}

/// Logs a crash. If no `tracing` subscriber is set, or the subscriber fails, the crash goes to standard error.
pub(super) fn crashed(report: &CrashReport) {
    if panics_are_silent() {
        return;
    }
    let written = write(|| {
        let (pid, parent) = (report.pid.map(display), report.parent.map(display));
        let (label, place) = (report.label.as_ref().map(display), report.place().map(display));
        // Formatted here, and not by the subscriber, perhaps under a lock: formatting runs user code. Not formatted if
        // there is no subscriber.
        let reason = || display(report.reason.to_string());
        let state = report.state.as_ref().map(display);
        match report.pid {
            Some(_) => tracing::error!(
                target: "otp::crash", pid, label, parent, reason = reason(), place, state, "a process crashed"
            ),
            None => tracing::error!(target: "otp::crash", label, reason = reason(), place, "a task crashed"),
        }
    });
    if !written || !tracing::dispatcher::has_been_set() {
        to_standard_error(format_args!("crash: {report}"));
    }
}

/// Logs the crash of a task that belongs to no system.
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

/// Logs a panic of a spectator.
pub(super) fn spectator_panicked(crash: &Crash) {
    if is_on() {
        write(|| {
            let place = crash.place().map(display);
            tracing::error!(target: "otp::event", reason = %crash, place, "a spectator panicked");
        });
    }
}

/// The last resort, so that every crash is reported.
#[allow(clippy::print_stderr, reason = "nobody listens to anything else")]
fn to_standard_error(line: fmt::Arguments<'_>) {
    let line = line.to_string();
    // This panics if standard error has been closed.
    let _ = contain(|| eprintln!("{line}"));
}
