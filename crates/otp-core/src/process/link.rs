use std::sync::Arc;

use super::Pid;
use super::handle::Process;
use super::header::AnyProcess;
use super::message::{Exit, Signal};
use super::relations::Relations;
use super::thread;
use super::ties::{Party, Side, Ties};
use crate::exit::ExitReason;
use crate::node::Outbound;
use crate::runtime::Step;
use crate::sync::{MutexGuard, wake};
use crate::system::System;

/// The error of linking to a process that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot link {from} to {to}: {}", if to.is_here() { "no such process" } else { "no connection to its node" })]
#[non_exhaustive]
pub struct LinkError {
    /// The process that requested the link.
    pub from: Pid,
    /// The process that does not exist, or has ended.
    pub to: Pid,
}

impl Process {
    /// Links this process to another: when one of them ends, the other gets an exit signal with its reason.
    ///
    /// Links go both ways, and there is at most one between two processes. Linking a process to itself has no effect.
    ///
    /// # Errors
    ///
    /// [`LinkError`] if there is no such process and this one does not trap exits. A process that traps exits gets an
    /// [`Exit`](super::Exit) message with `NoProc` instead.
    pub fn link(&self, to: Pid) -> Result<(), LinkError> {
        let reason = match self.system().party(to) {
            Ok(other) if link(&**self.inner(), &*other) => return Ok(()),
            Ok(_) if to.is_here() => ExitReason::NoProc,
            Ok(other) => match &*other.ties().relations.lock() {
                // The connection was lost after the stand-in was found.
                Relations::Dead(dead) => dead.reason.clone(),
                Relations::Alive(_) => ExitReason::NoConnection,
            },
            Err(reason) => reason,
        };
        if !self.traps_exits() {
            return Err(LinkError { from: self.pid(), to });
        }
        refuse_link(&**self.inner(), to, reason);
        Ok(())
    }

    /// Removes the link to another process, if there is one. No exit signal of that link arrives afterwards; an
    /// [`Exit`](super::Exit) message that is already in the mailbox stays there.
    pub fn unlink(&self, from: Pid) {
        unlink(&**self.inner(), from);
    }

    /// Returns whether this process is linked to another one.
    pub fn is_linked(&self, to: Pid) -> bool {
        self.inner().header().relations.lock().alive().is_some_and(|alive| alive.links.contains(to))
    }

    /// Switches the trapping of exit signals on or off; returns the previous setting.
    ///
    /// A process that traps exits receives exit signals as [`Exit`](super::Exit) messages instead of being ended by
    /// them; only `Kill` cannot be trapped. The setting at the arrival of the signal decides: messages that are already
    /// in the mailbox stay there.
    pub fn trap_exit(&self, on: bool) -> bool {
        self.inner().header().state.set_trapping(on)
    }

    /// True while this process traps exit signals.
    pub fn traps_exits(&self) -> bool {
        self.inner().header().state.is_trapping()
    }
}

impl System {
    /// Sends an exit signal to a process; OTP's `exit/2`. Returns at once, and does nothing if there is no such
    /// process.
    ///
    /// * `Kill` ends the process in any case; others see the reason `Killed`.
    /// * Any other reason becomes a message if the process traps exits, and otherwise ends the process; `Normal` is
    ///   ignored by a process that does not trap exits, unless the process sends it to itself.
    ///
    /// A process ends at the next `.await` at which it waits, receives or sends: code between two awaits cannot be
    /// stopped. A process that blocks its thread on a future of the library, as `block_on` does, is unwound there; a call
    /// fails with [`CallError::Interrupted`](crate::CallError::Interrupted) first. Messages in its mailbox do not delay the signal. If the process ends by itself before that, the reason
    /// is still that of the signal; a crash on the way is reported.
    pub fn exit(&self, pid: Pid, reason: ExitReason) {
        if let Ok(process) = self.party(pid) {
            signal(&process, Process::current_pid(self).unwrap_or(Pid::SYSTEM), reason);
        }
    }
}

/// Links two processes; false if `to` is dead.
pub(crate) fn link(from: &dyn Party, to: &dyn Party) -> bool {
    let (a, b) = (from.ties().pid, to.ties().pid);
    if a == b {
        return true;
    }
    {
        let (mut mine, mut theirs) = lock_both(from.ties(), to.ties());
        let Some(theirs) = theirs.alive() else { return false };
        if let Some(mine) = mine.alive() {
            mine.links.insert(b);
            theirs.links.insert(a);
        }
    }
    tell(to, || Outbound::Link { from: a });
    true
}

/// Unlinks two processes. Afterwards neither is notified of the other's end.
pub(crate) fn unlink(from: &dyn Party, to: Pid) {
    let ties = from.ties();
    let Ok(other) = ties.system.party(to) else {
        if let Some(alive) = ties.relations.lock().alive() {
            alive.links.remove(to);
        }
        return;
    };
    if ties.pid == to {
        return;
    }
    {
        let (mut mine, mut theirs) = lock_both(ties, other.ties());
        if let Some(mine) = mine.alive() {
            mine.links.remove(to);
        }
        if let Some(theirs) = theirs.alive() {
            theirs.links.remove(ties.pid);
        }
    }
    tell(&*other, || Outbound::Unlink { from: ties.pid });
}

/// Forwards an operation to the peer of a process that runs elsewhere.
fn tell(process: &dyn Party, signal: impl FnOnce() -> Outbound) {
    if let Side::There(peer) = process.side() {
        peer.send(process.ties().pid, signal());
    }
}

/// Delivers an exit signal from `exit(to, reason)`.
pub(crate) fn signal(to: &Arc<dyn Party>, from: Pid, reason: ExitReason) {
    note(to.ties(), from, &reason);
    match (to.side(), reason) {
        (Side::There(peer), reason) => peer.send(to.ties().pid, Outbound::Exit { from, reason }),
        (Side::Here(to), reason) => signal_here(to, from, reason),
    }
}

/// As [`signal`], to a process that runs here, of which a simulation need not be told.
pub(super) fn signal_here(to: &dyn AnyProcess, from: Pid, reason: ExitReason) {
    match reason {
        ExitReason::Kill => doom(to, from, ExitReason::Killed),
        reason => deliver(to, from, reason, false),
    }
}

/// Delivers an exit signal through a link, from a process that ended.
pub(super) fn signal_through_link(to: &Arc<dyn Party>, from: Pid, reason: ExitReason) {
    note(to.ties(), from, &reason);
    match to.side() {
        Side::Here(to) => deliver(to, from, reason, true),
        Side::There(peer) => {
            let linked = to.ties().relations.lock().alive().is_some_and(|alive| alive.links.remove(from));
            if linked {
                peer.send(to.ties().pid, Outbound::LinkExit { from, reason });
            }
        }
    }
}

/// Delivers an exit signal through the link of a process elsewhere, which has ended for this peer of it.
pub(crate) fn end_link(from: &dyn Party, to: &Arc<dyn Party>, reason: ExitReason) {
    let ties = from.ties();
    let linked = ties.relations.lock().alive().is_some_and(|alive| alive.links.remove(to.ties().pid));
    if linked {
        signal_through_link(to, ties.pid, reason);
    }
}

/// Notifies a process that traps exits that it could not be linked.
fn refuse_link(to: &dyn AnyProcess, from: Pid, reason: ExitReason) {
    deliver(to, from, reason, false);
}

fn note(to: &Ties, from: Pid, reason: &ExitReason) {
    to.system.note(|| Step::Signalled { from, to: to.pid, reason });
}

fn deliver(to: &dyn AnyProcess, from: Pid, reason: ExitReason, through_link: bool) {
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
        if let Ok(added) = queued {
            header.notify_pushed(added);
        }
        return;
    }
    drop(relations);
    let ignored = reason == ExitReason::Normal && (through_link || from != header.pid);
    if !ignored {
        doom(to, from, reason);
    }
}

/// Makes a process end with `reason` before it is polled again, unless an earlier signal already does.
pub(super) fn doom(process: &dyn AnyProcess, from: Pid, reason: ExitReason) {
    let header = process.header();
    let mut relations = header.relations.lock();
    let Some(alive) = relations.alive() else { return };
    let mut blocked = Vec::new();
    let is_first = !header.state.is_doomed();
    if is_first {
        alive.doomed = Some(Box::new(Exit { from, reason }));
        // A poll that begins later sees that the process is to end.
        if header.state.doom()
            && let Some(waits) = alive.existing_rare().and_then(|rare| rare.blocked.as_mut())
        {
            blocked = waits.wakers.take_all();
        }
    }
    drop(relations);
    if is_first && header.is_on_thread() {
        thread::watch_end(header);
    }
    header.notify();
    blocked.into_iter().for_each(wake);
}

/// Locks the relations of two different processes, always the older one first.
fn lock_both<'a>(a: &'a Ties, b: &'a Ties) -> (MutexGuard<'a, Relations>, MutexGuard<'a, Relations>) {
    if a.pid < b.pid {
        let first = a.relations.lock();
        let second = b.relations.lock();
        (first, second)
    } else {
        let second = b.relations.lock();
        let first = a.relations.lock();
        (first, second)
    }
}
