use std::sync::Arc;

use super::Pid;
use super::handle::Process;
use super::header::{AnyProcess, Header};
use super::message::{Exit, Signal};
use super::relations::Relations;
use crate::exit::ExitReason;
use crate::runtime::Step;
use crate::sync::MutexGuard;
use crate::system::System;

/// There is no process to link to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot link {from} to {to}: no such process")]
pub struct LinkError {
    /// The process that wanted the link.
    pub from: Pid,
    /// The process that does not exist, or no longer.
    pub to: Pid,
}

impl Process {
    /// Links this process to another: when one of them ends, the other gets an exit signal with its reason.
    ///
    /// Links go both ways, and there is at most one between two processes. Linking to oneself has no effect.
    ///
    /// # Errors
    ///
    /// [`LinkError`] if there is no such process and this one does not trap exits. One that does gets an
    /// [`Exit`](super::Exit) message with `NoProc` instead.
    pub fn link(&self, to: Pid) -> Result<(), LinkError> {
        let linked = self.system().table().find(to).is_some_and(|to| link(self.inner(), &to));
        if linked {
            return Ok(());
        }
        if !self.traps_exits() {
            return Err(LinkError { from: self.pid(), to });
        }
        refuse_link(self.inner(), to);
        Ok(())
    }

    /// Removes the link to another process, if there is one. No exit signal of that link arrives afterwards; an
    /// [`Exit`](super::Exit) message that is already in the mailbox stays there.
    pub fn unlink(&self, from: Pid) {
        unlink(self.inner(), from);
    }

    /// Switches the trapping of exit signals on or off; returns the old setting.
    ///
    /// A trapping process receives exit signals as [`Exit`](super::Exit) messages instead of being ended by them;
    /// only `Kill` cannot be trapped. It decides when the signal arrives: messages that are already in the mailbox
    /// stay there.
    pub fn trap_exit(&self, on: bool) -> bool {
        self.inner().header().state.set_trapping(on)
    }

    /// True while this process traps exit signals.
    pub fn traps_exits(&self) -> bool {
        self.inner().header().state.is_trapping()
    }
}

impl System {
    /// Sends an exit signal to a process; OTP's `exit/2`. Returns at once, also if there is no such process.
    ///
    /// * `Kill` ends the process, whatever it does; others see that it was `Killed`.
    /// * Any other reason becomes a message if the process traps exits, and otherwise ends it; `Normal` is then
    ///   ignored, unless a process sends it to itself.
    ///
    /// A process ends at the next place where it waits, receives or sends: nothing can stop code between two awaits.
    /// Messages that wait in its mailbox do not hold the signal up. If it comes to its end first, the reason is that
    /// of the signal all the same; a crash on the way is reported.
    pub fn exit(&self, pid: Pid, reason: ExitReason) {
        if let Some(process) = self.table().find(pid) {
            signal(&process, Process::current_pid(self).unwrap_or(Pid::SYSTEM), reason);
        }
    }
}

/// Links two processes; false if `to` is dead.
pub(super) fn link(from: &Arc<dyn AnyProcess>, to: &Arc<dyn AnyProcess>) -> bool {
    let (a, b) = (from.header().pid, to.header().pid);
    if a == b {
        return true;
    }
    let (mut mine, mut theirs) = lock_both(from, to);
    let Some(theirs) = theirs.alive() else { return false };
    if let Some(mine) = mine.alive() {
        mine.links.insert(b);
        theirs.links.insert(a);
    }
    true
}

/// Unlinks two processes. Afterwards neither hears of the other's end.
pub(super) fn unlink(from: &Arc<dyn AnyProcess>, to: Pid) {
    let pid = from.header().pid;
    let Some(other) = from.header().system.table().find(to) else {
        if let Some(alive) = from.header().relations.lock().alive() {
            alive.links.remove(to);
        }
        return;
    };
    if pid == to {
        return;
    }
    let (mut mine, mut theirs) = lock_both(from, &other);
    if let Some(mine) = mine.alive() {
        mine.links.remove(to);
    }
    if let Some(theirs) = theirs.alive() {
        theirs.links.remove(pid);
    }
}

/// An exit signal from `exit(to, reason)`.
pub(crate) fn signal(to: &Arc<dyn AnyProcess>, from: Pid, reason: ExitReason) {
    note(to.header(), from, &reason);
    match reason {
        ExitReason::Kill => doom(to, from, ExitReason::Killed),
        reason => deliver(to, from, reason, false),
    }
}

/// An exit signal through a link, from a process that ended.
pub(super) fn signal_through_link(to: &Arc<dyn AnyProcess>, from: Pid, reason: ExitReason) {
    note(to.header(), from, &reason);
    deliver(to, from, reason, true);
}

/// Tells a trapping process that it could not be linked.
pub(super) fn refuse_link(to: &Arc<dyn AnyProcess>, from: Pid) {
    deliver(to, from, ExitReason::NoProc, false);
}

fn note(to: &Header, from: Pid, reason: &ExitReason) {
    to.note(|| Step::Signalled { from, to: to.pid, reason });
}

fn deliver(to: &Arc<dyn AnyProcess>, from: Pid, reason: ExitReason, through_link: bool) {
    let header = to.header();
    let mut relations = header.relations.lock();
    let Some(alive) = relations.alive() else { return };
    if through_link && !alive.links.remove(from) {
        return;
    }
    if header.state.is_trapping() {
        // Queued under the lock: once `unlink` has returned, nothing arrives.
        let queued = to.push_signal(Box::new(Signal::Exit(Exit { from, reason })));
        drop(relations);
        if queued.is_ok() {
            header.notify_pushed();
        }
        return;
    }
    drop(relations);
    let ignored = reason == ExitReason::Normal && (through_link || from != header.pid);
    if !ignored {
        doom(to, from, reason);
    }
}

/// Has a process end with `reason` before it is polled again, unless an earlier signal already does.
fn doom(process: &Arc<dyn AnyProcess>, from: Pid, reason: ExitReason) {
    let header = process.header();
    let mut relations = header.relations.lock();
    let Some(alive) = relations.alive() else { return };
    if !header.state.is_doomed() {
        alive.rare().doomed = Some(Exit { from, reason });
        header.state.doom();
    }
    drop(relations);
    header.notify();
}

/// Locks the relations of two different processes, always the older one first.
fn lock_both<'a>(
    a: &'a Arc<dyn AnyProcess>,
    b: &'a Arc<dyn AnyProcess>,
) -> (MutexGuard<'a, Relations>, MutexGuard<'a, Relations>) {
    if a.header().pid < b.header().pid {
        let first = a.header().relations.lock();
        let second = b.header().relations.lock();
        (first, second)
    } else {
        let second = b.header().relations.lock();
        let first = a.header().relations.lock();
        (first, second)
    }
}
