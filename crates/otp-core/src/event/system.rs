use std::sync::Arc;

use super::{Event, HookGuard, Occurrence};
use crate::system::System;

impl System {
    /// Registers a callback: calls `hook` for each event from now on, where it happens and before anything follows from
    /// it.
    ///
    /// The hook runs inside library code, on any thread: it must not block. A panic in it is caught and logged; the
    /// next event calls the hook again. Hooks do not affect the log: crashes are logged in any case.
    pub fn on_event(&self, hook: impl Fn(&Event) + Send + Sync + 'static) -> HookGuard {
        self.events().add(Arc::new(hook))
    }

    /// Reports an occurrence: [writes it to the log](Occurrence::log), and passes it to hooks and subscribers as
    /// [`Event::Other`](super::Event::Other), on this thread and before this method returns.
    ///
    /// `make` is not called if there is no hook, no subscriber, and no log.
    pub fn report<O: Occurrence>(&self, make: impl FnOnce() -> O) {
        self.events().report(make);
    }

    /// Sets whether crashes in this system are written to the log. By default they are: with `tracing` under the target
    /// `otp::crash`, and to standard error as long as the program has never had a `tracing` subscriber.
    ///
    /// Switch it off in tests that expect crashes. Hooks and subscribers still get them.
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
