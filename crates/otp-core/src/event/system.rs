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
        self.events().add(Arc::new(hook), true)
    }

    /// Registers a callback for what is out of the ordinary: as [`on_event`](System::on_event), but not for the start and
    /// the end of each process. While there is no other hook, starts and ends cost no more than without one.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::mpsc;
    ///
    /// use otp::event::Event;
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let (tell, told) = mpsc::channel();
    /// let hook = system.on_report(move |event| tell.send(event.clone()).unwrap());
    /// system.log_crashes(false);
    /// let doomed = system.spawn(async |_: ProcessContext<()>| ExitReason::other("as expected"));
    /// doomed.exited().await;
    /// drop(hook);
    /// let events: Vec<_> = told.iter().collect();
    /// assert!(matches!(&events[..], [Event::Crashed(report)] if report.pid == Some(doomed.pid())));
    /// # }).unwrap();
    /// ```
    pub fn on_report(&self, hook: impl Fn(&Event) + Send + Sync + 'static) -> HookGuard {
        self.events().add(Arc::new(hook), false)
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
