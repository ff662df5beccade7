use std::fmt;
use std::sync::Arc;

use super::header::AnyProcess;
use super::present::with_present;
use super::{Doing, Pid, notes};
use crate::label::Label;
use crate::system::System;

/// A process as it acts on its own behalf: what it links to, monitors and starts.
///
/// A [`ProcessContext`](crate::ProcessContext) dereferences to it; code without a context finds the running process with
/// [`Process::current`].
///
/// Whoever has it acts as the process, from whichever thread: it links, monitors and traps exits in the process's name.
/// A [`ProcessRef`](crate::ProcessRef) is what others are given.
#[derive(Clone)]
pub struct Process {
    inner: Arc<dyn AnyProcess>,
}

impl Process {
    /// How many messages a process receives or sends in a row before it lets others run.
    ///
    /// A yield costs about as much as one message; a sibling waits for at most this many.
    pub const BUDGET: u16 = notes::BUDGET;

    pub(crate) fn new(inner: Arc<dyn AnyProcess>) -> Process {
        Process { inner }
    }

    pub(crate) fn inner(&self) -> &Arc<dyn AnyProcess> {
        &self.inner
    }

    /// The process whose code the calling thread is running, if it runs one.
    ///
    /// Tasks that a process spawned are not the process.
    pub fn current() -> Option<Process> {
        with_present(|present| present.map(|present| Process::new(present.process())))
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

    /// True if a signal has come that ends the running process at the next place where it waits.
    #[inline]
    pub(crate) fn current_is_about_to_end() -> bool {
        with_present(|present| present.is_some_and(|process| process.header().state.is_about_to_end()))
    }

    /// Says what the process is doing, for [`System::info`] and for the text of call errors.
    pub fn set_doing(&self, doing: Doing) {
        self.inner.header().set_doing(doing);
    }

    /// Says in words what the process is doing, until the next such text. It is shown by [`System::info`] and in the
    /// text of call errors.
    pub fn set_status(&self, status: impl Into<Label>) {
        let mut status = Some(status.into());
        if let Some(alive) = self.inner.header().relations.lock().alive() {
            std::mem::swap(&mut alive.rare().status, &mut status);
        }
    }
}

impl System {
    /// The process of this system whose code is running.
    pub(crate) fn current(&self) -> Option<Process> {
        Process::current().filter(|process| process.system() == self)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({})", self.pid())
    }
}
