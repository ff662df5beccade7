use std::sync::atomic::{AtomicBool, AtomicU8 as Marks};

use crate::sync::atomic::{AtomicU8, AtomicU16, Ordering};

/// How many messages a process receives or sends in a row: [`Process::BUDGET`](super::Process::BUDGET).
pub(crate) const BUDGET: u8 = 128;

/// State that only the process itself changes, while it is polled, so that no step has to be atomic.
pub(super) struct Notes {
    /// The number of messages that may still be received or sent before the process yields.
    budget: AtomicU8,
    /// The number of polls until it may hand over again.
    rest: AtomicU8,
    flags: AtomicU16,
    /// Whether anybody sees all processes, to avoid a look at the system. Any thread reads and changes it.
    ///
    /// Not of the models, in which nobody does.
    marks: Marks,
    /// Spectators see its run.
    run_seen: AtomicBool,
    /// It was started with a link to its parent.
    pub(super) born_linked: bool,
    /// It is polled only on a thread of its `Threads`.
    pub(super) on_thread: bool,
}

/// A flag in [`Notes`].
#[derive(Clone, Copy)]
pub(super) struct Flag(u16);

/// The process waits for a message, and there is none.
pub(super) const PARKED: Flag = Flag(1 << 0);
/// The process has looked into the shared half of its mailbox in this poll.
pub(super) const LOOKED: Flag = Flag(1 << 1);
/// Reply tokens were dropped, and their callers have not been notified.
pub(super) const DROPPED: Flag = Flag(1 << 2);
/// A message was received before another one that had come in earlier, and that may still be there.
pub(super) const HOLES: Flag = Flag(1 << 4);
/// Callers of dropped tokens are notified only when the process says so, or ends.
pub(super) const HOLDS_DROPPED: Flag = Flag(1 << 3);
/// A wait for another process has been polled in this poll, and has been noted; see [`waits`](super::waits).
pub(super) const CALLS: Flag = Flag(1 << 5);
/// Something else has been polled in this poll that may let the process go on.
pub(super) const ELSE: Flag = Flag(1 << 6);
/// The process that is waited for waits, too.
pub(super) const SUSPECTS: Flag = Flag(1 << 7);
/// The poll is over, and the process still waits.
pub(super) const OVER: Flag = Flag(1 << 8);
/// It has reported that it does not start.
pub(super) const NOT_STARTED: Flag = Flag(1 << 9);

/// Somebody wants to know what it does: the director, or a tracer.
pub(super) const SEEN: Flag = Flag(1 << 10);
/// It has a tracer.
pub(super) const TRACED: Flag = Flag(1 << 11);

/// It has a tracer, which has seen it handle a message, and is to see its state.
pub(super) const RESTS: Flag = Flag(1 << 12);

/// It has an open span, of what it does.
pub(super) const SPANNED: Flag = Flag(1 << 13);

/// The system has a director.
const DIRECTED: u8 = 1 << 0;
/// The system has spectators.
const WATCHED: u8 = 1 << 1;

/// What is true of one poll only.
const OF_A_POLL: u16 = PARKED.0 | LOOKED.0 | CALLS.0 | ELSE.0 | SUSPECTS.0 | OVER.0;

/// What a process waits for.
pub(super) enum Waiting {
    /// Only for other processes: in its last poll, which is over, nothing else was polled.
    ForOthers,
    /// It has noted a wait for another process in a poll that is not over.
    Unfinished,
    /// It runs, or may go on by itself.
    Otherwise,
}

impl Notes {
    pub(super) fn new(budget: u8, directed: bool, born_linked: bool, on_thread: bool) -> Notes {
        let flags = AtomicU16::new(if directed { SEEN.0 } else { 0 });
        let marks = Marks::new(if directed { DIRECTED } else { 0 });
        let run_seen = AtomicBool::new(false);
        Notes { budget: AtomicU8::new(budget), rest: AtomicU8::new(0), flags, marks, run_seen, born_linked, on_thread }
    }

    /// Begins a poll: sets a new budget, and clears the flags of waiting.
    #[inline]
    pub(super) fn begin_poll(&self, budget: u8, looked: bool) {
        self.set_budget(budget);
        let kept = self.flags.load(Ordering::Relaxed) & !OF_A_POLL;
        self.flags.store(if looked { kept | LOOKED.0 } else { kept }, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn has(&self, flag: Flag) -> bool {
        self.flags.load(Ordering::Relaxed) & flag.0 != 0
    }

    #[inline]
    pub(super) fn is_directed(&self) -> bool {
        self.marks.load(Ordering::Relaxed) & DIRECTED != 0
    }

    #[inline]
    pub(super) fn is_watched(&self) -> bool {
        self.marks.load(Ordering::Relaxed) & WATCHED != 0
    }

    /// Whether it is directed or watched.
    #[inline]
    pub(super) fn is_marked(&self) -> bool {
        self.marks.load(Ordering::Relaxed) != 0
    }

    #[inline]
    pub(super) fn is_run_seen(&self) -> bool {
        self.run_seen.load(Ordering::Relaxed)
    }

    pub(super) fn set_run_seen(&self, on: bool) {
        self.run_seen.store(on, Ordering::Relaxed);
    }

    pub(super) fn set_watched(&self, on: bool) {
        if on {
            self.marks.fetch_or(WATCHED, Ordering::Relaxed);
        } else {
            self.marks.fetch_and(!WATCHED, Ordering::Relaxed);
        }
    }

    /// What the process waits for, as of its last poll. It is read at once: the poll may be over in the next moment.
    pub(super) fn waiting(&self) -> Waiting {
        let flags = self.flags.load(Ordering::Acquire);
        match (flags & CALLS.0 != 0, flags & OVER.0 != 0) {
            (false, _) => Waiting::Otherwise,
            (true, false) => Waiting::Unfinished,
            (true, true) if flags & (PARKED.0 | ELSE.0) == 0 => Waiting::ForOthers,
            (true, true) => Waiting::Otherwise,
        }
    }

    /// Whether it has any of these.
    #[inline]
    pub(super) fn has_one_of<const N: usize>(&self, any: [Flag; N]) -> bool {
        let mask = any.iter().fold(0, |mask, flag| mask | flag.0);
        self.flags.load(Ordering::Relaxed) & mask != 0
    }

    #[inline]
    pub(super) fn set(&self, flag: Flag, on: bool) {
        let others = self.flags.load(Ordering::Relaxed) & !flag.0;
        self.flags.store(if on { others | flag.0 } else { others }, Ordering::Relaxed);
    }

    /// Nothing is left of its mail, and it waits for more.
    #[inline]
    pub(super) fn park(&self) {
        let others = self.flags.load(Ordering::Relaxed) & !HOLES.0;
        self.flags.store(others | PARKED.0, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn budget(&self) -> u8 {
        self.budget.load(Ordering::Relaxed)
    }

    /// For how many polls it takes no part in a hand-over.
    #[inline]
    pub(super) fn rest(&self) -> u8 {
        self.rest.load(Ordering::Relaxed)
    }

    /// Any thread does so: a poll may be counted or not.
    #[inline]
    pub(super) fn set_rest(&self, polls: u8) {
        self.rest.store(polls, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn set_budget(&self, budget: u8) {
        self.budget.store(budget, Ordering::Relaxed);
    }
}
