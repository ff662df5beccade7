use std::ops::Deref;
use std::sync::Arc;

use super::arrival::Arrival;
use super::load::LoadFigures;
use super::mailbox::Added;
use super::message::Signal;
use super::notes::{BUDGET, DROPPED, HOLDS_DROPPED, HOLES, LOOKED, NOT_STARTED, Notes, PARKED, RESTS, SEEN, SPANNED};
use super::pace::Pace;
use super::present::with_present;
use super::relations::Dropped;
use super::shell::Shell;
use super::ties::{Party, Ties};
use super::{Doing, Pid};
use crate::cell::{self, AtomicWords, Front, Head, Held, Released, State};
use crate::exit::{ExitReason, contain};
use crate::label::Label;
use crate::runtime::Instant;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::system::System;

/// The part of a process that does not depend on its message type: its state word, and the other parts.
pub(crate) type Header = Head<Parts>;

/// The parts of a [`Header`] beside the state word: the ties of the process, what is needed to schedule it, and what is
/// known about it.
pub(crate) struct Parts {
    ties: Ties,
    pub(super) notes: Notes,
    pub(super) shell: Shell,
    doing: AtomicWords,
    handled: AtomicU64,
    pub(crate) started: Instant,
    /// The name of its type, if it has one; a function, because that needs less memory.
    type_label: TypeLabel,
}

impl Front for Parts {
    type Beside = Pace;
}

/// A future that is notified when a process ends.
pub(crate) type Waiter = cell::Waiter<ExitReason>;

impl Deref for Parts {
    type Target = Ties;

    #[inline]
    fn deref(&self) -> &Ties {
        &self.ties
    }
}

/// The options of a process that do not depend on its message type.
#[derive(Clone, Copy)]
pub(crate) struct Fixed {
    pub(crate) type_label: TypeLabel,
    pub(crate) trap_exit: bool,
    /// Whether callers may run it.
    pub(crate) inline: bool,
    /// Whether it is linked to its parent before it runs.
    pub(crate) link: bool,
    /// Whether it is polled on a thread of its own, or on one of a pool.
    pub(crate) on_thread: bool,
    /// Whether its starter waits for it, and may run it.
    pub(crate) at_once: bool,
}

/// Returns the name of a type.
pub(crate) type TypeLabel = Option<fn() -> &'static str>;

impl Header {
    pub(crate) fn new(system: System, pid: Pid, parent: Pid, options: Fixed) -> Header {
        let parts = Parts {
            notes: Notes::new(BUDGET, system.director().is_some(), options.link, options.on_thread),
            shell: Shell::default(),
            doing: AtomicWords::new(Doing::STARTING.words()),
            handled: AtomicU64::new(0),
            started: system.now(),
            type_label: options.type_label,
            ties: Ties::new(system, pid, parent),
        };
        let pace = if options.inline && !options.on_thread { Pace::default() } else { Pace::never() };
        Head::of(State::new(options.trap_exit), pace, parts)
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.beside
    }

    /// Whether the calling thread is running this process.
    pub(crate) fn is_present(&self) -> bool {
        with_present(|present| present.is_some_and(|present| std::ptr::eq(present.header(), self)))
    }

    /// Notes that the process waits for a message, and there is none; only code of the process calls this.
    #[inline]
    pub(crate) fn park(&self) {
        self.notes.park();
    }

    /// Notes that the process received something out of turn, so that the places of what it leaves unread are not those of
    /// the last that came in.
    #[inline]
    pub(crate) fn note_hole(&self) {
        self.notes.set(HOLES, true);
    }

    pub(crate) fn has_holes(&self) -> bool {
        self.notes.has(HOLES)
    }

    /// Notes that the process, a behaviour, does not start; only code of the process calls this.
    pub(crate) fn note_not_started(&self) {
        self.notes.set(NOT_STARTED, true);
    }

    pub(super) fn has_not_started(&self) -> bool {
        self.notes.has(NOT_STARTED)
    }

    /// Prepares a poll that may receive `budget` messages. `looked` is true if the mailbox was empty when the run lock
    /// was taken.
    #[inline]
    pub(crate) fn begin_poll(&self, budget: u8, looked: bool) {
        self.notes.begin_poll(budget, looked);
    }

    /// Releases the run lock after a poll that was pending.
    #[inline]
    pub(crate) fn release(&self, lock: Held<'_>) -> Released {
        lock.release(self.notes.has(PARKED))
    }

    /// As [`release`](Header::release), by the task of the process, which polls others next.
    #[inline]
    pub(super) fn release_and_lend(&self, lock: Held<'_>) -> Released {
        lock.release_and_lend(self.notes.has(PARKED))
    }

    /// Whether the mailbox may hold something that arrived since the process looked into it, in its own poll: true if
    /// it has not looked in this poll, or was woken. The process looks now.
    #[inline]
    pub(crate) fn may_have_mail(&self) -> bool {
        let looked = self.notes.has(LOOKED);
        self.notes.set(LOOKED, true);
        self.state.sees_mail() || !looked
    }

    /// The process has not seen all that is in the mailbox: it looks again before it waits.
    pub(crate) fn look_again(&self) {
        self.notes.set(LOOKED, false);
    }

    /// Pays for one message that is received or sent; false if the process has to yield first, for which it gets a new
    /// budget. Only code of the process calls this, so that the two steps need not be atomic together.
    #[inline]
    pub(crate) fn spend(&self) -> bool {
        match self.notes.budget() {
            0 => {
                // Not left to the next poll of the process: the receiver may be a task that polls by itself.
                if !self.is_directed() {
                    self.notes.set_budget(BUDGET);
                }
                false
            }
            left => {
                self.notes.set_budget(left - 1);
                true
            }
        }
    }

    /// Whether [`spend`](Header::spend) would allow another message.
    #[inline]
    pub(crate) fn has_budget(&self) -> bool {
        self.notes.budget() > 0
    }

    /// What is left of the budget of its last poll.
    #[inline]
    pub(super) fn budget(&self) -> u8 {
        self.notes.budget()
    }

    #[inline]
    pub(crate) fn is_directed(&self) -> bool {
        self.notes.is_directed()
    }

    /// Whether the system has spectators.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.notes.is_watched()
    }

    pub(crate) fn set_watched(&self, on: bool) {
        self.notes.set_watched(on);
    }

    /// Whether somebody sees all processes: a director, or spectators.
    #[inline]
    pub(crate) fn is_marked(&self) -> bool {
        self.notes.is_marked()
    }

    /// Whether spectators see the run that is about to end.
    #[inline]
    pub(super) fn is_run_seen(&self) -> bool {
        self.notes.is_run_seen()
    }

    /// Notes that the running process shows spectators what it does, or only others who want to know.
    pub(crate) fn note_seen(&self, on: bool) {
        self.notes.set_run_seen(on);
        self.notes.set(SEEN, on || self.is_directed() || self.is_traced());
    }

    /// Whether the process has an open span.
    #[inline]
    pub(crate) fn has_span(&self) -> bool {
        self.notes.has(SPANNED)
    }

    /// Notes that the running process has an open span.
    pub(crate) fn note_span(&self, on: bool) {
        self.notes.set(SPANNED, on);
    }

    /// The running process, which is no behaviour, is about to receive a message: it has handled the one before.
    #[inline]
    pub(crate) fn handled_by_receiving(&self) {
        if self.has_span() && !self.is_behaviour() {
            self.close_span();
        }
    }

    /// Whether it was started with a link to its parent, which may have been cut since.
    pub(crate) fn is_born_linked(&self) -> bool {
        self.notes.born_linked
    }

    /// Whether it is polled only on one thread, which its handlers may block.
    pub(crate) fn is_on_thread(&self) -> bool {
        self.notes.on_thread
    }

    /// Whether it serves system requests itself: only behaviours set a type label.
    pub(crate) fn is_behaviour(&self) -> bool {
        self.type_label.is_some()
    }

    /// The default label of the process, if it has no other label or name.
    pub(crate) fn type_label(&self) -> Option<Label> {
        self.type_name().map(Label::from_static)
    }

    pub(crate) fn type_label_of(&self) -> TypeLabel {
        self.type_label
    }

    pub(crate) fn type_name(&self) -> Option<&'static str> {
        let label = self.type_label?;
        // A behaviour's own code, which is called in the middle of an end, too.
        contain(label).ok()
    }

    /// Counts one message or signal as received.
    #[inline]
    pub(crate) fn count_received(&self) {
        self.handled.store(self.handled.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn set_doing(&self, doing: Doing) {
        self.doing.set(doing.words());
    }

    pub(crate) fn doing(&self) -> Doing {
        Doing::new(self.doing.get())
    }

    /// Records that code of this process dropped a reply token. Its caller is notified once it is known whether the
    /// process continues: if it ends, the exit reason is the better answer.
    pub(crate) fn token_dropped(&self, token: Box<dyn Dropped>) {
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else {
            drop(relations);
            return token.tell();
        };
        alive.rare().dropped.push(token);
        self.notes.set(DROPPED, true);
    }

    /// The process continues: callers whose tokens it dropped are notified. Returns whether its tracer
    /// is to see its state.
    #[inline]
    pub(crate) fn settle_dropped(&self) -> bool {
        self.notes.has_one_of([DROPPED, RESTS, SPANNED]) && self.settle()
    }

    #[cold]
    fn settle(&self) -> bool {
        let rests = self.tell_dropped();
        self.close_span();
        rests
    }

    /// As [`settle_dropped`](Header::settle_dropped), of a process that has not done yet what it does.
    pub(crate) fn settle_dropped_only(&self) {
        if self.notes.has(DROPPED) {
            self.tell_dropped();
        }
    }

    #[cold]
    fn tell_dropped(&self) -> bool {
        self.notes.set(DROPPED, false);
        let dropped = self.relations.lock().alive().map(|alive| std::mem::take(&mut alive.rare().dropped));
        dropped.into_iter().flatten().for_each(|token| token.tell());
        self.notes.has(RESTS)
    }

    /// Like [`settle_dropped`](Header::settle_dropped), at the end of a poll, unless the process decides itself.
    #[inline]
    pub(crate) fn settle_after_poll(&self) {
        if !self.notes.has(HOLDS_DROPPED) {
            self.settle_dropped_only();
        }
        self.waits_on();
    }

    pub(crate) fn hold_dropped(&self) {
        self.notes.set(HOLDS_DROPPED, true);
    }
}

/// A process that runs here, independent of its message type.
pub(crate) trait AnyProcess: Party {
    fn header(&self) -> &Header;

    /// Queues a signal; gives it back if the process no longer receives. The caller wakes the process.
    fn push_signal(&self, signal: Box<Signal>) -> Result<Added, Box<Signal>>;

    /// Ends the process, because its executor is gone. If another thread runs it, that thread does so.
    fn orphan(self: Arc<Self>);

    /// Makes a task for the process.
    fn spawn_task(self: Arc<Self>);

    /// Runs the process, which waits for a message, on the calling thread, and releases its run lock.
    fn run_waiting(self: Arc<Self>, lock: Held<'_>);

    /// Polls the process, which is woken, on the calling thread, for at most `budget` messages; true if it was woken again
    /// meanwhile, and is still to be polled for that.
    fn run_next(self: Arc<Self>, budget: u8) -> (Arc<dyn AnyProcess>, bool);

    /// Removes the `unwanted` signals from the mail that has arrived.
    fn withdraw(&self, unwanted: &dyn Fn(&Signal) -> bool);

    /// Whether the message of this place still waits, or is the last that the process received. It is asked about a
    /// process that does not receive meanwhile.
    fn is_before(&self, place: Arrival) -> bool;

    /// Returns the number of waiting messages and signals.
    fn queued(&self) -> usize;

    /// Returns the bound of the mailbox, if there is one.
    fn queue_limit(&self) -> Option<usize>;

    /// What its mailbox did not deliver, if it has a policy.
    fn load(&self) -> Option<LoadFigures>;
}
