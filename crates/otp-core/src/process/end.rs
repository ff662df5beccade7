use std::collections::VecDeque;

use super::arrival::Arrival;
use super::belonging::{Belongings, End};
use super::header::Header;
use super::logged::ended_by_signal;
use super::message::Mail;
use super::relations::{Alive, Dead, Dropped, Rare, Relations};
use super::ties::Ties;
use super::{Doing, link, monitor};
use crate::event::{CrashReport, Event};
use crate::exit::{Crash, ExitReason, contain};
use crate::label::Label;

/// What a process has not received when it ends.
pub(crate) struct Unread<M> {
    pub(super) mail: VecDeque<Mail<M>>,
    /// From here on certainly nothing was received; `None` if that is not known.
    pub(super) first: Option<Arrival>,
}

/// Runs what follows from the end of a process, in this order: the messages in its mailbox are dropped; its belongings
/// are notified, so that its scope and its timers are cancelled and its name is free; the exit is reported; it can no
/// longer be found; links, monitors and waiting callers are notified. Its own state was dropped before.
///
/// `own` is the reason if the process ended by itself; an exit signal that arrived before decides nevertheless. With
/// neither, its executor is gone. `drop_panic` is the panic of dropping its state.
pub(crate) fn finish<M>(header: &Header, own: Option<ExitReason>, drop_panic: Option<Crash>, unread: Unread<M>) {
    header.set_doing(Doing::EXITING);
    if let Some(crash) = &own
        && crash.is_abnormal()
    {
        header.system.events().crashed(CrashReport::with_state(header, crash.clone()));
    }
    if let Some(crash) = drop_panic {
        report_crash(header, ExitReason::Error(crash));
    }
    drop_each(header, unread.mail);

    let (label, doomed, belongings) = {
        let mut relations = header.relations.lock();
        let Some(alive) = relations.alive() else { return };
        (alive.label(), alive.doomed.take(), alive.take_belongings())
    };
    if let Some(doom) = &doomed
        && doom.reason.is_abnormal()
    {
        ended_by_signal(header, doom.from, &doom.reason);
    }
    let reason = doomed.map(|doom| doom.reason).or(own).unwrap_or(ExitReason::Killed);
    if let Some(belongings) = belongings {
        tell(header, *belongings, &reason, header.has_not_started());
    }
    let called = || label.clone().or_else(|| header.type_label());
    header.system.events().emit(|| Event::Exited { pid: header.pid, label: called(), reason: reason.clone() });
    publish(header, label, reason, unread.first);
}

/// Ends a process that runs elsewhere; does nothing if it has ended before.
pub(crate) fn end_stand_in(ties: &Ties, reason: ExitReason) {
    let label = ties.relations.lock().label();
    publish(ties, label, reason, None);
}

/// Notifies the belongings of a process of its end.
fn tell(ties: &Ties, belongings: Belongings, reason: &ExitReason, not_started: bool) {
    let end = End { pid: ties.pid, system: &ties.system, reason, not_started };
    for belonging in belongings.into_iter() {
        go_on(ties, || belonging.owner_ended(&end));
    }
}

/// Runs one step of the end of a process, which calls foreign code: a panic in it must not prevent the other steps.
fn go_on(ties: &Ties, part: impl FnOnce()) {
    if let Err(crash) = contain(part) {
        ties.system.events().crashed(CrashReport::about(ties, ExitReason::Error(crash)));
    }
}

/// Drops each message separately: a panic while one is dropped must not prevent the drop of the others.
pub(super) fn drop_each<M>(header: &Header, unread: VecDeque<Mail<M>>) {
    for mail in unread {
        if let Err(crash) = contain(|| drop(mail)) {
            report_crash(header, ExitReason::Error(crash));
        }
    }
}

pub(super) fn report_crash(header: &Header, reason: ExitReason) {
    header.system.events().crashed(CrashReport::of(header, reason));
}

/// Makes the end visible. Whoever finds the process dead finds no process of this pid, too: both change under one lock.
/// What it owned has been told before, so that its name is free. `unread` is where begins what it has not received.
pub(super) fn publish(ties: &Ties, label: Option<Label>, reason: ExitReason, unread: Option<Arrival>) {
    let system = &ties.system;
    let mut relations = ties.relations.lock();
    // Belongings that were added after the others were notified, by code that saw the process while it ended.
    while let Some(late) = relations.alive().and_then(Alive::take_belongings) {
        drop(relations);
        tell(ties, *late, &reason, false);
        relations = ties.relations.lock();
    }
    let Some(alive) = relations.alive() else { return };
    let mut alive = std::mem::take(alive);
    let waiting = Some(std::mem::take(&mut alive.waiting));
    // If nothing else follows from the end, waiting callers are notified now.
    let (waiting, later) = if alive.has_ties() { (None, waiting) } else { (waiting, None) };
    *relations = Relations::Dead(Dead::new(reason.clone(), label, later, unread));
    let this = system.table().remove(ties.pid);
    drop(relations);

    alive.links.for_each(|peer| {
        go_on(ties, || {
            if let Ok(peer) = system.party(peer) {
                link::signal_through_link(&peer, ties.pid, reason.clone());
            }
        });
    });
    let dropped = alive.into_rare().map(|rare| untie(ties, *rare, &reason));
    // Last, so that all of this has happened when a waiting future is ready.
    let waiting = waiting.or_else(|| match &mut *ties.relations.lock() {
        Relations::Dead(dead) => dead.take_waiting(),
        Relations::Alive(_) => None,
    });
    if let Some(waiting) = waiting {
        waiting.tell(&reason);
    }
    if let Some(dropped) = dropped {
        dropped.into_iter().for_each(|token| token.tell());
    }
    drop(this);
}

/// Undoes rare ties; returns the reply tokens whose callers are notified last.
fn untie(ties: &Ties, rare: Rare, reason: &ExitReason) -> Vec<Box<dyn Dropped>> {
    for (monitor, watcher) in rare.watchers {
        go_on(ties, || {
            if let Ok(process) = ties.system.party(watcher.pid) {
                monitor::fire(&*process, monitor, watcher.target, reason.clone());
            }
        });
    }
    for (monitor, target) in rare.watching {
        go_on(ties, || monitor::forget(ties, target, monitor));
    }
    rare.dropped
}
