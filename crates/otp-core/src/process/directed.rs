//! The interface between processes and a simulator: what it observes and holds back.

use super::header::Header;
use super::notes::BUDGET;
use super::process_ref::ProcessRef;
use super::{Pid, Process};
use crate::exit::ExitReason;
use crate::runtime::{Delivery, Step};
use crate::system::System;

impl Header {
    /// Reports a step to the director, if there is one.
    pub(crate) fn note<'a>(&self, step: impl FnOnce() -> Step<'a>) {
        if self.is_directed() {
            self.system.note(step);
        }
    }
}

impl System {
    /// Reports a step to the director, if there is one.
    pub(crate) fn note<'a>(&self, step: impl FnOnce() -> Step<'a>) {
        if let Some(director) = self.director() {
            director.note(&step());
        }
    }

    /// Whether a call may run its callee on the caller's thread.
    pub(crate) fn runs_inline(&self, callee: Pid) -> bool {
        self.director().is_none_or(|director| director.runs_inline(callee))
    }

    /// How many messages a process may receive or send before it yields. In a simulation it yields before each of them.
    pub(crate) fn budget(&self) -> u8 {
        if self.director().is_some() { 0 } else { BUDGET }
    }
}

/// Tells the director that the running process answers a call. False if it dies in place of that: it has the signal that
/// ends it.
#[cold]
pub(super) fn lives_to_answer(process: &Process) -> bool {
    let (system, from) = (process.system(), process.pid());
    if system.director().is_some_and(|director| director.kills_after(process)) {
        system.exit(from, ExitReason::Kill);
        return false;
    }
    system.note(|| Step::Answers { from });
    true
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Reports a sent message to the director, if there is one.
    pub(super) fn note_sent(&self) {
        self.header().note(|| {
            let from = Process::current_pid(self.system()).unwrap_or(Pid::SYSTEM);
            Step::Sent { from, to: self.pid(), message: std::any::type_name::<M>() }
        });
    }

    /// Reports to the director, if there is one, that a call runs the process on the caller's thread.
    pub(super) fn note_inline(&self) {
        self.header().note(|| {
            let caller = Process::current_pid(self.system()).unwrap_or(Pid::SYSTEM);
            Step::RunsInline { caller, callee: self.pid(), message: std::any::type_name::<M>() }
        });
    }

    /// Whether the director has the process killed before it handles a call that is about to be sent.
    pub(crate) fn dies_before(&self) -> bool {
        self.header().is_directed() && self.is_killed_before()
    }

    #[cold]
    fn is_killed_before(&self) -> bool {
        let callee = Process::new(self.untyped());
        self.is_alive() && self.system().director().is_some_and(|director| director.kills_before(&callee))
    }

    /// Passes a message to the director, if there is one that holds it back; otherwise gives it back.
    pub(super) fn hold(&self, message: M) -> Option<M> {
        if self.header().is_directed() { self.hold_back(message) } else { Some(message) }
    }

    #[cold]
    fn hold_back(&self, message: M) -> Option<M> {
        if !self.is_held_back() {
            return Some(message);
        }
        let to = self.clone();
        self.deliver_later(move || {
            // A message that comes too late is dropped, as in Erlang.
            if let Ok(added) = to.cell().mailbox.push(message) {
                to.header().notify_pushed(added);
            }
        });
        None
    }

    /// Whether the director, if there is one, holds back what is sent now.
    pub(super) fn is_held_back(&self) -> bool {
        let Some(director) = self.system().director() else { return false };
        let sender = Process::current_pid(self.system()).unwrap_or(Pid::SYSTEM);
        self.cell().mailbox.takes_all() && self.is_alive() && director.holds(sender, self.pid())
    }

    pub(super) fn deliver_later(&self, deliver: impl FnOnce() + Send + 'static) {
        let sender = Process::current_pid(self.system()).unwrap_or(Pid::SYSTEM);
        if let Some(director) = self.system().director() {
            director.hold(sender, self.pid(), Delivery::new(deliver));
        }
    }
}
