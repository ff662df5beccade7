use std::fmt;
use std::sync::Arc;

use super::header::AnyProcess;
use super::present::with_present;
use super::{Doing, Pid, notes};
use crate::label::Label;
use crate::system::System;

/// Acts as a process: links, monitors, traps exits and starts processes in its name.
///
/// A [`ProcessContext`](crate::ProcessContext) dereferences to it; code without a context gets the running process from
/// [`Process::current`].
///
/// Code that holds a `Process` acts as that process, from whichever thread. Give others a
/// [`ProcessRef`](crate::ProcessRef) instead.
#[derive(Clone)]
pub struct Process {
    inner: Arc<dyn AnyProcess>,
}

impl Process {
    /// The number of messages that a process receives or sends in a row before it yields to others.
    ///
    /// A yield costs about as much as one message; a sibling waits for at most this many.
    pub const BUDGET: u16 = notes::BUDGET as u16;

    pub(crate) fn new(inner: Arc<dyn AnyProcess>) -> Process {
        Process { inner }
    }

    pub(crate) fn inner(&self) -> &Arc<dyn AnyProcess> {
        &self.inner
    }

    /// Returns the process whose code the calling thread is running, if there is one.
    ///
    /// A task that a process has spawned does not run as the process.
    pub fn current() -> Option<Process> {
        with_present(|present| present.map(|present| Process::new(present.process())))
    }

    /// Returns whether a signal ends this process as soon as its code returns or waits. For code that computes for long
    /// without a wait, on a [thread](crate::Threads): only the code itself can stop then.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::process::SpawnOptions;
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let searching = async |ctx: ProcessContext<()>| {
    ///     while !ctx.is_ending() {
    ///         std::hint::spin_loop();
    ///     }
    /// };
    /// let search = system.spawn_with(SpawnOptions::new().on_thread(), searching).unwrap().process;
    /// search.exit(ExitReason::Shutdown);
    /// assert_eq!(search.exited().await, ExitReason::Shutdown);
    /// # }).unwrap();
    /// ```
    pub fn is_ending(&self) -> bool {
        self.inner.header().state.is_doomed()
    }

    /// This process's pid.
    pub fn pid(&self) -> Pid {
        self.inner.header().pid
    }

    /// The process that started this one; [`Pid::SYSTEM`] if it was started from outside any process.
    pub fn parent(&self) -> Pid {
        self.inner.header().parent
    }

    /// The system that this process belongs to.
    pub fn system(&self) -> &System {
        &self.inner.header().system
    }

    /// The pid of the running process, if it belongs to `system`.
    pub(crate) fn current_pid(system: &System) -> Option<Pid> {
        with_present(|present| {
            let header = present?.header();
            (header.system == *system).then_some(header.pid)
        })
    }

    /// True if a signal has arrived that ends the running process at its next wait.
    #[inline]
    pub(crate) fn current_is_about_to_end() -> bool {
        with_present(|present| present.is_some_and(|process| process.header().is_about_to_end()))
    }

    /// Sets what the process is doing, for [`System::info`] and the text of call errors; for behaviours.
    pub fn set_doing(&self, doing: Doing) {
        self.inner.header().set_doing(doing);
    }

    /// Sets a status text: what the process is doing, in words, until the next such text. [`System::info`] and the text
    /// of call errors show it.
    pub fn set_status(&self, status: impl Into<Label>) {
        let mut status = Some(status.into());
        if let Some(alive) = self.inner.header().relations.lock().alive() {
            std::mem::swap(&mut alive.rare().status, &mut status);
        }
    }
}

impl System {
    /// The running process, if it belongs to this system.
    pub(crate) fn current(&self) -> Option<Process> {
        Process::current().filter(|process| process.system() == self)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({})", self.pid())
    }
}
