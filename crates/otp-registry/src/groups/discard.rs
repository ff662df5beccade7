use std::any::Any;

use otp_behaviour::{contain, report_crash};
use otp_core::{Kept, Process};

/// What was removed under the lock, to be dropped when the lock is free: keys and addresses are user values, and their
/// drops are user code, which may panic or call back. Declare it before the lock.
#[derive(Default)]
pub(super) struct Discard {
    values: Vec<Box<dyn Any + Send>>,
    kept: Vec<Kept>,
}

impl Discard {
    pub(super) fn add(&mut self, value: impl Send + 'static) {
        self.values.push(Box::new(value));
    }

    /// Detaches a belonging from its owner, later: that takes the owner's lock.
    pub(super) fn take_back(&mut self, kept: Option<Kept>) {
        self.kept.extend(kept);
    }
}

impl Drop for Discard {
    fn drop(&mut self) {
        for kept in self.kept.drain(..) {
            drop(kept.take_back());
        }
        // Each by itself: a panic in one must not keep the others.
        for value in self.values.drain(..) {
            if let Err(crash) = contain(|| drop(value)) {
                match Process::current() {
                    Some(process) => report_crash(&process, &crash),
                    None => tracing::error!(target: "otp::groups", %crash, "a value of a group panicked in its drop"),
                }
            }
        }
    }
}
