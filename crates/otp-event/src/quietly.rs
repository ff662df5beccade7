use otp_behaviour::{contain, report_crash};
use otp_core::Process;

/// Runs code of the user, such as a drop or a waker. A panic in it is reported, and has no other effect.
pub(crate) fn quietly(code: impl FnOnce()) {
    if let Err(crash) = contain(code) {
        match Process::current() {
            Some(process) => report_crash(&process, &crash),
            None => tracing::error!(target: "otp::crash", reason = %crash, "a value of an event panicked"),
        }
    }
}
