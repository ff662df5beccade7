use std::sync::Arc;

use super::Pid;
use super::handle::Process;
use super::header::AnyProcess;
use super::message::{Down, Signal, Target};
use super::reference::MonitorRef;
use super::relations::Watcher;
use crate::exit::ExitReason;
use crate::runtime::Step;
use crate::system::System;

impl Process {
    /// Monitors a process, or whoever holds a name now: a [`Down`](super::Down) message tells of its end. Exactly
    /// one comes for each monitor; at once, with `NoProc`, if there is no such process. Monitoring oneself has no
    /// effect.
    ///
    /// Messages that the process sent to this one before it ended arrive before the `Down`.
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        add(self.inner(), target.into())
    }

    /// Takes a monitor away; false if it was no longer there. A [`Down`](super::Down) that has already arrived stays
    /// in the mailbox; [`ProcessContext::demonitor_flush`] removes that too.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        remove(self.inner(), monitor)
    }
}

/// Has `watcher` told when `target` ends; at once, if there is no such process.
fn add(watcher: &Arc<dyn AnyProcess>, target: Target) -> MonitorRef {
    let system = &watcher.header().system;
    let monitor = system.next_monitor();
    let resolved = match &target {
        Target::Pid(pid) => system.table().find(*pid),
        Target::Name(name) => system.names().find(name),
    };
    match resolved {
        // Nobody lives to see the own end.
        Some(process) if process.header().pid == watcher.header().pid => {}
        Some(process) => attach(watcher, &process, monitor, target),
        None => arm_and_fire(watcher, monitor, target, ExitReason::NoProc),
    }
    monitor
}

/// Takes a monitor away; true if it was still there. No `Down` is sent for it afterwards.
fn remove(watcher: &Arc<dyn AnyProcess>, monitor: MonitorRef) -> bool {
    let removed = {
        let mut relations = watcher.header().relations.lock();
        relations.alive().and_then(|alive| alive.existing_rare()?.watching.remove(&monitor))
    };
    let Some(target) = removed else { return false };
    forget(&watcher.header().system, target, monitor);
    true
}

/// Removes the target's side of a monitor.
pub(super) fn forget(system: &System, target: Pid, monitor: MonitorRef) {
    if let Some(process) = system.table().find(target) {
        let mut relations = process.header().relations.lock();
        let watcher = relations.alive().and_then(|alive| alive.existing_rare()?.watchers.remove(&monitor));
        drop(relations);
        drop(watcher);
    }
}

/// Tells the watcher, unless it has taken the monitor away.
pub(super) fn fire(watcher: &Arc<dyn AnyProcess>, monitor: MonitorRef, target: Target, reason: ExitReason) {
    let header = watcher.header();
    let known = header.is_directed().then(|| (target.clone(), reason.clone()));
    let down = Box::new(Signal::Down(Down { monitor, target, reason }));
    let mut relations = watcher.header().relations.lock();
    let armed = relations.alive().and_then(|alive| alive.existing_rare()?.watching.remove(&monitor)).is_some();
    // Queued under the lock: once `demonitor` has returned, nothing arrives.
    let refused = if armed { watcher.push_signal(down) } else { Err(down) };
    drop(relations);
    if refused.is_ok() {
        if let Some((target, reason)) = &known {
            header.note(|| Step::Down { target, to: header.pid, reason });
        }
        header.notify_pushed();
    }
}

pub(super) fn attach(
    watcher: &Arc<dyn AnyProcess>,
    process: &Arc<dyn AnyProcess>,
    monitor: MonitorRef,
    target: Target,
) {
    let pid = process.header().pid;
    if let Some(alive) = watcher.header().relations.lock().alive() {
        alive.rare().watching.insert(monitor, pid);
    }
    let mut relations = process.header().relations.lock();
    match relations.alive() {
        Some(alive) => {
            alive.rare().watchers.insert(monitor, Watcher { pid: watcher.header().pid, target });
        }
        None => {
            drop(relations);
            fire(watcher, monitor, target, ExitReason::NoProc);
        }
    }
}

fn arm_and_fire(watcher: &Arc<dyn AnyProcess>, monitor: MonitorRef, target: Target, reason: ExitReason) {
    let nobody = Pid::SYSTEM;
    if let Some(alive) = watcher.header().relations.lock().alive() {
        alive.rare().watching.insert(monitor, nobody);
    }
    fire(watcher, monitor, target, reason);
}
