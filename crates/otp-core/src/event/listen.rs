use std::sync::Arc;

use super::bus::{Events, HookGuard};
use super::happened::{CrashReport, Event};
use crate::exit::{Crash, ExitReason};
use crate::process::Process;
use crate::system::System;

impl System {
    /// Calls `hook` for each event from now on, at the place where it happens and before anything follows from it.
    ///
    /// The hook runs in the middle of the library, on whichever thread that is: it must not block. Without any hook
    /// or subscriber, crashes go to `tracing`.
    pub fn on_event(&self, hook: impl Fn(&Event) + Send + Sync + 'static) -> HookGuard {
        self.events().add(Arc::new(hook))
    }

    /// The stream of events from now on.
    pub fn subscribe(&self) -> Events {
        Events::of(self.events())
    }

    /// Reports an event; for behaviours, such as a supervisor that restarts a child.
    #[doc(hidden)]
    pub fn report(&self, event: impl FnOnce() -> Event) {
        self.events().emit(event);
    }

    /// Reports a crash of code that the running process ran for somebody else, and that did not end it; for behaviours.
    #[doc(hidden)]
    pub fn report_crash(&self, crash: &Crash) {
        let current = self.current();
        self.events().crashed(CrashReport {
            pid: current.as_ref().map(Process::pid),
            label: current.and_then(|process| self.label_of(process.inner().header())),
            reason: ExitReason::Error(crash.clone()),
        });
    }
}
