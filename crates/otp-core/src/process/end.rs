use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::header::Header;
use super::message::Envelope;
use super::relations::Relations;
use super::{Doing, link, monitor};
use crate::event::{CrashReport, Event};
use crate::exit::{Crash, ExitReason};

/// What happens when a process has ended, in this order: what waits in its mailbox is dropped; what it started in
/// its scope is cancelled; the exit is reported; its name is free and it is no longer found; links, monitors and
/// waiting callers hear of it. Its own state was dropped before.
///
/// `own` is the reason if it came to its end; an exit signal that arrived before it did decides nevertheless. With
/// neither, its executor is gone. `drop_panic` is what dropping its state panicked with.
pub(super) fn finish<M>(
    header: &Header,
    own: Option<ExitReason>,
    drop_panic: Option<Box<dyn Any + Send>>,
    unread: VecDeque<Envelope<M>>,
) {
    header.set_doing(Doing::Exiting);
    let mut drop_crashes: Vec<Crash> = drop_panic.map(Crash::from_panic).into_iter().collect();
    for envelope in unread {
        // Each on its own: one message that panics when dropped must not cost the others their drop.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(envelope))) {
            drop_crashes.push(Crash::from_panic(panic));
        }
    }
    let crash = own.clone().filter(ExitReason::is_abnormal);
    let (reason, scope) = {
        let mut relations = header.relations.lock();
        let alive = relations.alive();
        let (doomed, scope) = match alive {
            Some(alive) => (alive.doomed.take(), alive.existing_rare().and_then(|rare| rare.scope.take())),
            None => (None, None),
        };
        (doomed.or(own).unwrap_or(ExitReason::Killed), scope)
    };
    if let Some(scope) = scope {
        scope.cancel();
    }
    report(header, &reason, crash, drop_crashes);
    publish(header, reason);
}

fn report(header: &Header, reason: &ExitReason, own_crash: Option<ExitReason>, drop_crashes: Vec<Crash>) {
    let events = header.system.events();
    for reason in own_crash.into_iter().chain(drop_crashes.into_iter().map(ExitReason::Error)) {
        events.crashed(CrashReport { pid: Some(header.pid), label: header.system.label_of(header), reason });
    }
    events.emit(|| Event::Exited { pid: header.pid, label: header.system.label_of(header), reason: reason.clone() });
}

fn publish(header: &Header, reason: ExitReason) {
    let system = &header.system;
    let before = std::mem::replace(&mut *header.relations.lock(), Relations::Dead(reason.clone()));
    let Relations::Alive(mut alive) = before else { return };
    let links = std::mem::take(&mut alive.links);
    let waiting = std::mem::take(&mut alive.waiting);
    let rare = alive.into_rare();

    if let Some(name) = &rare.name {
        system.names().free(name, header.pid);
    }
    let this = system.table().remove(header.pid);
    header.executor.take();

    for peer in links {
        if let Some(peer) = system.table().find(peer) {
            link::signal_through_link(&peer, header.pid, reason.clone());
        }
    }
    for (monitor, watcher) in rare.watchers {
        if let Some(process) = system.table().find(watcher.pid) {
            monitor::fire(&process, monitor, watcher.target, reason.clone());
        }
    }
    for (monitor, target) in rare.watching {
        monitor::forget(system, target, monitor);
    }
    for (_, waiting) in waiting {
        waiting.exited(&reason);
    }
    for waiting in rare.dropped {
        waiting.dropped();
    }
    drop(this);
}
