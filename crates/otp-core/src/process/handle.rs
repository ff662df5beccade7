use std::fmt;
use std::sync::Arc;

use super::context::ProcessContext;
use super::header::AnyProcess;
use super::link::LinkError;
use super::message::{Signal, Target};
use super::monitor::{self, MonitorRef};
use super::present::with_present;
use super::process_ref::ProcessRef;
use super::spawn::{self, SpawnOptions, Spawned};
use super::{Doing, Pid, link};
use crate::exit::IntoExit;
use crate::label::Label;
use crate::name::NameError;
use crate::scope::CancelScope;
use crate::system::System;

/// A process as it acts on its own behalf: what it links to, monitors and starts.
///
/// A [`ProcessContext`] dereferences to it; code without a context finds the running process with [`Process::current`].
#[derive(Clone)]
pub struct Process {
    inner: Arc<dyn AnyProcess>,
}

impl Process {
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

    /// Links this process to another: when one of them ends, the other gets an exit signal with its reason.
    ///
    /// Links go both ways, and there is at most one between two processes. Linking to oneself has no effect.
    ///
    /// # Errors
    ///
    /// [`LinkError`] if there is no such process and this one does not trap exits. One that does gets an
    /// [`Exit`](super::Exit) message with `NoProc` instead.
    pub fn link(&self, to: Pid) -> Result<(), LinkError> {
        let linked = self.system().table().find(to).is_some_and(|to| link::link(&self.inner, &to));
        if linked {
            return Ok(());
        }
        if !self.traps_exits() {
            return Err(LinkError { from: self.pid(), to });
        }
        link::refuse_link(&self.inner, to);
        Ok(())
    }

    /// Removes the link to another process, if there is one. No exit signal of that link arrives afterwards; an
    /// [`Exit`](super::Exit) message that is already in the mailbox stays there.
    pub fn unlink(&self, from: Pid) {
        link::unlink(&self.inner, from);
    }

    /// Monitors a process, or whoever holds a name now: a [`Down`](super::Down) message tells of its end. Exactly
    /// one comes for each monitor; at once, with `NoProc`, if there is no such process. Monitoring oneself has no
    /// effect.
    ///
    /// Messages that the process sent to this one before it ended arrive before the `Down`.
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        monitor::monitor(&self.inner, target.into())
    }

    /// Takes a monitor away; false if it was no longer there. A [`Down`](super::Down) that has already arrived stays
    /// in the mailbox; [`ProcessContext::demonitor_flush`] removes that too.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        monitor::demonitor(&self.inner, monitor)
    }

    /// Switches the trapping of exit signals on or off; returns the old setting.
    ///
    /// A trapping process receives exit signals as [`Exit`](super::Exit) messages instead of being ended by them;
    /// only `Kill` cannot be trapped. It decides when the signal arrives: messages that are already in the mailbox
    /// stay there.
    pub fn trap_exit(&self, on: bool) -> bool {
        self.inner.header().state.set_trapping(on)
    }

    /// True while this process traps exit signals.
    pub fn traps_exits(&self) -> bool {
        self.inner.header().state.is_trapping()
    }

    /// Starts a process that is not tied to this one.
    pub fn spawn<M, F, Fut>(&self, body: F) -> ProcessRef<M>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::unnamed(self.system(), Some(&self.inner), SpawnOptions::new(), body).process
    }

    /// Starts a process that is linked to this one, from the beginning.
    pub fn spawn_link<M, F, Fut>(&self, body: F) -> ProcessRef<M>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::unnamed(self.system(), Some(&self.inner), SpawnOptions::new().link(), body).process
    }

    /// Starts a process that this one monitors, from the beginning.
    pub fn spawn_monitor<M, F, Fut>(&self, body: F) -> (ProcessRef<M>, MonitorRef)
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let spawned = spawn::unnamed(self.system(), Some(&self.inner), SpawnOptions::new().monitor(), body);
        (spawned.process, spawned.monitor.expect("a monitor was asked for"))
    }

    /// Starts a process with options.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name that the options ask for is taken; nothing was started then.
    pub fn spawn_with<M, F, Fut>(&self, options: SpawnOptions, body: F) -> Result<Spawned<M>, NameError>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::spawn(self.system(), Some(&self.inner), options, body)
    }

    /// The scope of this process: cancelled when the process ends, and with it everything that was started in it.
    pub fn scope(&self) -> CancelScope {
        let fresh = CancelScope::new(self.system());
        let mut relations = self.inner.header().relations.lock();
        if let Some(alive) = relations.alive() {
            return alive.rare().scope.get_or_insert(fresh).clone();
        }
        drop(relations);
        fresh.cancel();
        fresh
    }

    /// Takes out of the mailbox what has arrived of the end of a process that failed to start; for behaviours. The
    /// monitor is the one that was set on it, if any.
    #[doc(hidden)]
    pub fn forget(&self, failed: Pid, monitor: Option<MonitorRef>) {
        self.inner.withdraw(&|signal| match signal {
            Signal::Exit(exit) => exit.from == failed,
            Signal::Down(down) => Some(down.monitor) == monitor,
        });
    }

    /// The pid of the running process, if it belongs to `system`.
    pub(crate) fn current_pid(system: &System) -> Option<Pid> {
        with_present(|present| {
            let header = present?.header();
            (header.system == *system).then_some(header.pid)
        })
    }

    /// True if a signal has come that ends the running process, at the next place where it waits.
    #[inline]
    pub(crate) fn current_is_doomed() -> bool {
        with_present(|present| present.is_some_and(|process| process.header().state.is_doomed()))
    }

    /// Says what the process is doing, for [`System::info`] and for the text of call errors.
    pub fn set_doing(&self, doing: Doing) {
        self.inner.header().set_doing(doing);
    }

    /// Says in words what the process is doing, until the next such text. It is shown by [`System::info`] and in the
    /// text of call errors.
    pub fn set_status(&self, status: impl Into<Label>) {
        if let Some(alive) = self.inner.header().relations.lock().alive() {
            alive.rare().status = Some(status.into());
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

impl From<Pid> for Target {
    fn from(pid: Pid) -> Target {
        Target::Pid(pid)
    }
}

impl<M: Send + 'static> From<&ProcessRef<M>> for Target {
    fn from(process: &ProcessRef<M>) -> Target {
        Target::Pid(process.pid())
    }
}
