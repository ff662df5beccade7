use otp_behaviour::{contain, report_crash};
use otp_core::{Crash, Process};

/// Runs code of the user, such as a drop or a waker. A panic in it is reported, and has no other effect.
pub(crate) fn quietly(code: impl FnOnce()) {
    if let Err(crash) = contain(code) {
        report(&crash);
    }
}

/// Reports a panic in code of the user as a crash of the running process, which goes on.
pub(crate) fn report(crash: &Crash) {
    match Process::current() {
        Some(process) => report_crash(&process, crash),
        None => tracing::error!(target: "otp::topic", %crash, "code of a subscriber panicked"),
    }
}
