use crate::sync::atomic::{AtomicU8, AtomicU16, Ordering};

/// How many messages a process receives or sends in a row: [`Process::BUDGET`](super::Process::BUDGET).
pub(crate) const BUDGET: u16 = 128;

/// What a process notes for itself, while it is polled: only its own code writes it, so that no step has to be one
/// atomic operation.
pub(super) struct Notes {
    /// Messages that may still be received or sent before the process lets its siblings run.
    budget: AtomicU16,
    flags: AtomicU8,
    /// Its system has a director: known without a look at that. Anybody reads it, and nobody writes it.
    pub(super) directed: bool,
    /// It was started with a link to its parent.
    pub(super) born_linked: bool,
}

/// One thing that is so, or not.
#[derive(Clone, Copy)]
pub(super) struct Flag(u8);

/// It waits for a message, and there is none.
pub(super) const PARKED: Flag = Flag(1 << 0);
/// It has looked into the shared half of its mailbox in this poll.
pub(super) const LOOKED: Flag = Flag(1 << 1);
/// Reply tokens were dropped, and their callers have not been told.
pub(super) const DROPPED: Flag = Flag(1 << 2);
/// Callers are told of dropped tokens only when the process says so, or ends.
pub(super) const HOLDS_DROPPED: Flag = Flag(1 << 3);

impl Notes {
    pub(super) fn new(budget: u16, directed: bool, born_linked: bool) -> Notes {
        Notes { budget: AtomicU16::new(budget), flags: AtomicU8::new(0), directed, born_linked }
    }

    /// As a poll begins: it has a new budget, and does not wait.
    #[inline]
    pub(super) fn begin_poll(&self, budget: u16, looked: bool) {
        self.set_budget(budget);
        let kept = self.flags.load(Ordering::Relaxed) & !(PARKED.0 | LOOKED.0);
        self.flags.store(if looked { kept | LOOKED.0 } else { kept }, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn has(&self, flag: Flag) -> bool {
        self.flags.load(Ordering::Relaxed) & flag.0 != 0
    }

    #[inline]
    pub(super) fn set(&self, flag: Flag, on: bool) {
        let others = self.flags.load(Ordering::Relaxed) & !flag.0;
        self.flags.store(if on { others | flag.0 } else { others }, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn budget(&self) -> u16 {
        self.budget.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set_budget(&self, budget: u16) {
        self.budget.store(budget, Ordering::Relaxed);
    }
}
