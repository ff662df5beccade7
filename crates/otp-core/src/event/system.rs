use std::sync::Arc;

use super::{Event, HookGuard, Occurrence};
use crate::system::System;

impl System {
    /// Calls `hook` for each event from now on, at the place where it happens and before anything follows from it.
    ///
    /// The hook runs in the middle of the library, on whichever thread that is: it must not block. A panic in it is
    /// caught and logged; the next event calls it again. Hooks change nothing about the log: a crash is in there all
    /// the same.
    pub fn on_event(&self, hook: impl Fn(&Event) + Send + Sync + 'static) -> HookGuard {
        self.events().add(Arc::new(hook))
    }

    /// Reports an occurrence: it is [written to the log](Occurrence::log), and told to hooks and subscribers as
    /// [`Event::Other`](super::Event::Other), on this thread and before this returns.
    ///
    /// `make` is not called when nobody listens: there is no hook, no subscriber, and no log.
    pub fn report<O: Occurrence>(&self, make: impl FnOnce() -> O) {
        self.events().report(make);
    }

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
