use std::sync::Arc;

use super::Pid;
use super::handle::Process;
use super::message::{Down, Signal};
use super::reference::MonitorRef;
use super::relations::{Relations, Watcher};
use super::target::Target;
use super::ties::{Party, Side, Ties};
use crate::exit::ExitReason;
use crate::node::Outbound;
use crate::runtime::Step;

impl Process {
    /// Monitors a process, or the current holder of a name: a [`Down`](super::Down) message reports its end. Each
    /// monitor delivers exactly one `Down`; at once, with `NoProc`, if there is no such process. Monitoring the process
    /// itself has no effect.
    ///
    /// Messages that the process sent to this one before it ended arrive before the `Down`.
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        let own: Arc<dyn Party> = self.inner().clone();
        add(&own, target.into())
    }

    /// Removes a monitor; false if it was no longer there. A [`Down`](super::Down) that has already arrived stays in
    /// the mailbox; [`ProcessContext::demonitor_flush`](crate::ProcessContext::demonitor_flush) removes that too.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        let own: Arc<dyn Party> = self.inner().clone();
        remove(&own, monitor)
    }
}

/// Notifies `watcher` when `target` ends; at once, if there is no such process.
pub(crate) fn add(watcher: &Arc<dyn Party>, target: Target) -> MonitorRef {
    let monitor = MonitorRef::new(watcher.ties().system.make_ref());
    add_as(watcher, monitor, target);
    monitor
}

/// As [`add`], with a reference that was made before.
pub(crate) fn add_as(watcher: &Arc<dyn Party>, monitor: MonitorRef, target: Target) {
    let Ties { system, pid, .. } = watcher.ties();
    let resolved = match &target {
        Target::Pid(pid) => system.party(*pid),
        Target::Name(name) => {
            system.names().find(name).map(|holder| holder as Arc<dyn Party>).ok_or(ExitReason::NoProc)
        }
        Target::Route { pid, .. } => pid.ok_or(ExitReason::NoProc).and_then(|pid| system.party(pid)),
    };
    match resolved {
        // A process cannot observe its own end.
        Ok(process) if process.ties().pid == *pid => {}
        Ok(process) => attach(&**watcher, &*process, monitor, target),
        Err(reason) => arm_and_fire(&**watcher, monitor, target, reason),
    }
}

/// Removes a monitor; true if it was still there. No `Down` is sent for it afterwards.
pub(crate) fn remove(watcher: &Arc<dyn Party>, monitor: MonitorRef) -> bool {
    let ties = watcher.ties();
    let removed = {
        let mut relations = ties.relations.lock();
        relations.alive().and_then(|alive| alive.existing_rare()?.watching.remove(&monitor))
    };
    let Some(target) = removed else { return false };
    forget(ties, target, monitor);
    true
}

/// Removes the target's side of a monitor.
pub(super) fn forget(watcher: &Ties, target: Pid, monitor: MonitorRef) {
    if let Ok(process) = watcher.system.party(target) {
        let mut relations = process.ties().relations.lock();
        let removed = relations.alive().and_then(|alive| alive.existing_rare()?.watchers.remove(&monitor));
        drop(relations);
        if let (Some(_), Side::There(peer)) = (removed, process.side()) {
            peer.send(target, Outbound::Demonitor { from: watcher.pid, monitor });
        }
    }
}

/// Sends the `Down` to the watcher, unless the watcher has removed the monitor.
pub(super) fn fire(watcher: &dyn Party, monitor: MonitorRef, target: Target, reason: ExitReason) {
    let ties = watcher.ties();
    let known = ties.system.director().map(|_| (target.clone(), reason.clone()));
    let mut relations = ties.relations.lock();
    let armed = relations.alive().and_then(|alive| alive.existing_rare()?.watching.remove(&monitor)).is_some();
    if !armed {
        return;
    }
    let process = match watcher.side() {
        Side::Here(process) => process,
        Side::There(peer) => {
            drop(relations);
            return peer.send(ties.pid, Outbound::Down { monitor, target, reason });
        }
    };
    // Queued under the lock: once `demonitor` has returned, nothing arrives.
    let queued = process.push_signal(Box::new(Signal::Down(Down { monitor, target, reason })));
    drop(relations);
    if let Ok(added) = queued {
        if let Some((target, reason)) = &known {
            ties.system.note(|| Step::Down { target, to: ties.pid, reason });
        }
        process.header().notify_pushed(added);
    }
}

/// Monitors an existing process.
pub(super) fn attach(watcher: &dyn Party, process: &dyn Party, monitor: MonitorRef, target: Target) {
    let (from, to) = (watcher.ties(), process.ties());
    if let Some(alive) = from.relations.lock().alive() {
        alive.rare().watching.insert(monitor, to.pid);
    }
    let mut relations = to.relations.lock();
    match &mut *relations {
        Relations::Alive(alive) => {
            alive.rare().watchers.insert(monitor, Watcher { pid: from.pid, target });
            drop(relations);
            if let Side::There(peer) = process.side() {
                peer.send(to.pid, Outbound::Monitor { from: from.pid, monitor });
            }
        }
        Relations::Dead(dead) => {
            let reason = match process.side() {
                Side::Here(_) => ExitReason::NoProc,
                // The connection was lost after the stand-in was found.
                Side::There(_) => dead.reason.clone(),
            };
            drop(relations);
            fire(watcher, monitor, target, reason);
        }
    }
}

/// Fires a monitor that a process here has set on one elsewhere, which has ended for this watcher.
pub(crate) fn fire_from(process: &dyn Party, watcher: Pid, monitor: MonitorRef, reason: ExitReason) {
    let ties = process.ties();
    let removed = ties.relations.lock().alive().and_then(|alive| alive.existing_rare()?.watchers.remove(&monitor));
    let Some(Watcher { pid, target }) = removed.filter(|removed| removed.pid == watcher) else { return };
    if let Ok(watcher) = ties.system.party(pid) {
        fire(&*watcher, monitor, target, reason);
    }
}

fn arm_and_fire(watcher: &dyn Party, monitor: MonitorRef, target: Target, reason: ExitReason) {
    let nobody = Pid::SYSTEM;
    if let Some(alive) = watcher.ties().relations.lock().alive() {
        alive.rare().watching.insert(monitor, nobody);
    }
    fire(watcher, monitor, target, reason);
}
