//! Direct hand-over: a process that was woken by one that is polled is polled next, by the same task.
//!
//! Two processes that send to each other, or many in a chain, need no turn of the executor for each message: when the poll is
//! over in which a process was woken, the task polls that one, and so on. Each thread has a place for the next one, which is
//! open while a task polls a process. If a second one is woken that might be next, both go to their executor.
//!
//! *The process that hands over* lends its task to the chain, and is [marked](Held::release_and_lend) so: who wakes it
//! meanwhile has another task poll it. *The process that is handed over* is held up until the poll that woke it is over.
//! Therefore both must have [shown](super::pace) that they are fast. One run in [`SAMPLE`] is timed. A process that is slow
//! then hands over nothing, and its [pace](super::pace) knows. One that was, that wakes several, or is woken itself while it is
//! polled or its task is lent, takes no part for [`REST`] polls.
//!
//! *All others* wait no longer than for one process: a chain has one budget, that which its first process has left. Each one
//! pays for what it receives, and for its turn. When it is used up, the next one goes to its executor. So does one that is
//! woken while it is polled, for it may have yielded.
//!
//! A poll may block its thread until the very process that is next has done something. A future of the library that is polled
//! under another waker than that of the process shows this, and sends the next one to its executor; see
//! [`may_block`](super::may_block).
//!
//! In a simulation nothing is handed over: the seed may choose the same order among the tasks.

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::task::Waker;

use super::header::{AnyProcess, Header};
use super::pace::{is_slow, mixed};
use crate::cell::{Held, Released};
use crate::runtime::{Instant, Task};
use crate::sync::thread_local;

/// For how many polls a process takes no part once it was not fit for it.
const REST: u8 = u8::MAX;

/// One run of so many is timed, chosen so that no period of a process follows.
const SAMPLE: u64 = 16;

/// One poll of so many counts as a call of a server that was slow and is left to its executor, for those that nobody calls.
const AS_A_CALL: u32 = 64;

/// The place is open for no system.
const CLOSED: usize = 0;

/// The place is taken. No address of a system has this bit.
const FULL: usize = 1;

thread_local! {
    /// The address of the system whose processes may be next on this thread, with [`FULL`] once there is one.
    static PLACE: Cell<usize> = const { Cell::new(CLOSED) };
    /// The process that is polled next.
    static NEXT: Cell<Option<Arc<dyn AnyProcess>>> = const { Cell::new(None) };
}

/// One poll of a process by its task, and those that follow from it.
pub(super) struct Turn<'a> {
    header: &'a Header,
    place: Place,
    sample: Option<Sample>,
}

/// What a task is to do after a [`Turn`].
pub(super) enum After {
    /// Its process waits, or is to be polled again.
    Waits,
    /// Its process has ended meanwhile.
    Ended,
    /// Its executor is gone: end the process.
    Abandoned,
}

impl<'a> Turn<'a> {
    /// Begins the poll of a process whose run lock is held.
    #[inline]
    pub(super) fn begin(header: &'a Header) -> Turn<'a> {
        let place = Place::of(header);
        let sample = place.is_open.then(|| Sample::begin(header));
        Turn { header, place, sample }
    }

    /// Polls the process; true if it has ended.
    #[inline]
    pub(super) fn run(&self, run: impl FnOnce() -> bool) -> bool {
        if self.place.is_open { run() } else { self.header.prove(run) }
    }

    /// The process has ended: polls those that follow.
    #[inline]
    pub(super) fn end(mut self) {
        if let Some(next) = self.next() {
            self.go_on(next);
        }
    }

    /// The poll was pending: releases the run lock, and polls those that follow. `waker` is that of the task.
    #[inline]
    pub(super) fn wait(mut self, lock: Held<'_>, waker: &Waker) -> After {
        if let Some(next) = self.next() {
            return self.lend(next, lock, waker);
        }
        match self.header.release(lock) {
            Released::Idle => {}
            Released::Again => self.header.system.runtime().poll_again(waker),
            Released::Abandoned => return After::Abandoned,
        }
        After::Waits
    }

    /// The process that was woken in the poll. If there was one, or several, the poll is judged.
    #[inline]
    fn next(&mut self) -> Option<Arc<dyn AnyProcess>> {
        let sample = self.sample.take()?;
        match place() {
            CLOSED => self.header.rest(),
            place if place & FULL != 0 && sample.passes(self.header) => return take_next(),
            _ => {}
        }
        None
    }

    fn lend(self, next: Arc<dyn AnyProcess>, lock: Held<'_>, waker: &Waker) -> After {
        let lent = Lent(self.header);
        let released = self.header.release_and_lend(lock);
        if let Released::Idle = released {
            let last = chain(next, self.header);
            drop(lent);
            match last {
                Some(last) if ptr::eq(last.header(), self.header) => self.header.system.runtime().poll_again(waker),
                Some(last) => last.header().wake_shell(),
                None => {}
            }
            return if self.header.state.has_ended() { After::Ended } else { After::Waits };
        }
        drop(lent);
        next.header().wake_shell();
        self.header.rest();
        if let Released::Abandoned = released {
            return After::Abandoned;
        }
        self.header.system.runtime().poll_again(waker);
        After::Waits
    }

    #[cold]
    fn go_on(&self, next: Arc<dyn AnyProcess>) {
        if let Some(last) = chain(next, self.header) {
            last.header().wake_shell();
        }
    }
}

impl Header {
    /// Has the process polled, which was woken: next on this thread, if what runs there may hand over to it; otherwise by its
    /// executor.
    #[inline]
    pub(super) fn schedule(&self, process: impl FnOnce() -> Arc<dyn AnyProcess>) {
        let (place, system) = (place(), self.system.address());
        if place & !FULL != system || !self.may_be_next() {
            return self.wake_shell();
        }
        if place == system && NEXT.try_with(|next| next.set(Some(process()))).is_ok() {
            return set_place(system | FULL);
        }
        close();
        self.wake_shell();
    }

    #[inline]
    fn may_be_next(&self) -> bool {
        self.notes.rest() == 0 && self.pace().has_proved()
    }

    /// Whether the process may hand over in the poll that begins. If it rests, the poll counts as one of its rest.
    #[inline]
    fn may_hand_over(&self) -> bool {
        match self.notes.rest() {
            0 => self.is_fast() && !self.is_directed() && self.system.hands_over(),
            left => {
                self.notes.set_rest(left - 1);
                false
            }
        }
    }

    #[inline]
    fn is_fast(&self) -> bool {
        let pace = self.pace();
        pace.has_proved() || pace.is_resting() && self.state.polls().is_multiple_of(AS_A_CALL) && pace.is_trusted()
    }

    fn rest(&self) {
        self.notes.set_rest(REST);
    }
}

/// Sends something that has its receiver polled by its executor.
pub(crate) fn hand_over_nothing<R>(send: impl FnOnce() -> R) -> R {
    struct Reopen(usize);
    impl Drop for Reopen {
        fn drop(&mut self) {
            set_place(self.0 | place() & FULL);
        }
    }
    let _reopen = Reopen(place() & !FULL);
    // That it is full stays visible to what is polled inside.
    set_place(place() & FULL);
    send()
}

/// Polls a process once that was woken while its task is lent. If the executor drops the task for that, it ends the process:
/// that waits for no other wake-up, and its own task may stand in a poll that is never over.
pub(super) fn poll_beside(process: Arc<dyn AnyProcess>) {
    let runtime = process.header().system.runtime().clone();
    let unpolled = Unpolled(Some(process));
    runtime.spawn(Task::new(async move {
        let Some(process) = unpolled.begin() else { return };
        process.header().rest();
        let _closed = Place::closed();
        let budget = process.header().system.budget();
        if let (process, true) = process.run_next(budget) {
            process.header().wake_shell();
        }
    }));
}

/// A process that a task is to poll, once.
struct Unpolled(Option<Arc<dyn AnyProcess>>);

impl Unpolled {
    fn begin(mut self) -> Option<Arc<dyn AnyProcess>> {
        self.0.take()
    }
}

impl Drop for Unpolled {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            process.header().orphan();
        }
    }
}

/// Sends the next process to its executor: the poll of the one that has woken it may not end soon. What is woken in the rest
/// of the poll is not handed over.
#[cold]
pub(super) fn close() {
    let is_full = place() & FULL != 0;
    set_place(CLOSED);
    if is_full && let Some(next) = take_next() {
        next.header().wake_shell();
    }
}

/// Takes the next process out of a place that is full.
fn take_next() -> Option<Arc<dyn AnyProcess>> {
    set_place(place() & !FULL);
    NEXT.try_with(Cell::take).ok().flatten()
}

#[inline]
fn place() -> usize {
    PLACE.try_with(Cell::get).unwrap_or(CLOSED)
}

#[inline]
fn set_place(place: usize) {
    let _ = PLACE.try_with(|this| this.set(place));
}

/// Polls the `next` process, and those that follow, with what `first` has left of its budget. Returns the one that is to be
/// polled by its executor.
fn chain(mut next: Arc<dyn AnyProcess>, first: &Header) -> Option<Arc<dyn AnyProcess>> {
    let mut budget = first.budget();
    loop {
        // One for the turn, and one to receive at least.
        if budget < 2 {
            return Some(next);
        }
        budget -= 1;
        let is_open = next.header().may_hand_over();
        set_place(if is_open { first.system.address() } else { CLOSED });
        let sample = Sample::begin(next.header());
        let (process, is_woken) = next.run_next(budget);
        let is_fast = sample.passes(process.header());
        match place() {
            CLOSED if is_open => process.header().rest(),
            place if place & FULL != 0 && !is_woken && is_fast => {
                budget = budget.min(process.header().budget());
                next = take_next()?;
                continue;
            }
            _ => {}
        }
        return is_woken.then_some(process);
    }
}

/// The place for the next process, as long as a task polls.
struct Place {
    is_open: bool,
    /// For what it was open before, if the task is polled inside of the poll of a process.
    outer: usize,
}

impl Place {
    #[inline]
    fn of(header: &Header) -> Place {
        Place::open_for(if header.may_hand_over() { header.system.address() } else { CLOSED })
    }

    fn closed() -> Place {
        Place::open_for(CLOSED)
    }

    #[inline]
    fn open_for(system: usize) -> Place {
        let outer = place() & !FULL;
        if place() != CLOSED {
            close();
        }
        if system != CLOSED {
            set_place(system);
        }
        Place { is_open: system != CLOSED, outer }
    }
}

impl Drop for Place {
    #[inline]
    fn drop(&mut self) {
        if place() & FULL != 0 {
            close();
        }
        if self.is_open || self.outer != CLOSED {
            set_place(self.outer);
        }
    }
}

/// A process whose task is lent.
struct Lent<'a>(&'a Header);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.state.take_back();
    }
}

/// What is noted before a run to know how fast it was.
struct Sample(Option<(u64, Instant)>);

impl Sample {
    #[inline]
    fn begin(header: &Header) -> Sample {
        let is_timed = mixed(header.state.polls().into()).is_multiple_of(SAMPLE);
        Sample(is_timed.then(|| (header.handled(), header.system.now())))
    }

    /// Ends the run: whether it was fast, as far as is known. A process that was not rests, and is left to its executor as by
    /// its callers.
    #[inline]
    fn passes(&self, header: &Header) -> bool {
        let Some((handled, start)) = self.0 else { return true };
        let received = u32::try_from(header.handled() - handled).unwrap_or(u32::MAX);
        let took = (header.system.now() - start) / received.max(1);
        let is_slow = is_slow(took);
        if is_slow {
            header.rest();
            header.pace().ran(took);
        }
        !is_slow
    }
}
