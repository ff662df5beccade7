use crate::sync::atomic::{AtomicU32, Ordering};

/// A thread polls the process's future, or ends it: the run lock.
const RUNNING: u32 = 1 << 0;
/// The process has been woken since its last poll began.
const NOTIFIED: u32 = 1 << 1;
/// Something was added to the mailbox since its last poll began, or since the process looked.
const MAILED: u32 = 1 << 8;
/// The executor has been asked to poll the process, or will be when the run lock is given back.
const WOKEN: u32 = NOTIFIED | MAILED;
/// An exit signal that will end the process waits in its relations.
const DOOMED: u32 = 1 << 2;
/// Exit signals become messages.
const TRAPPING: u32 = 1 << 3;
/// The future will not be polled again.
const ENDED: u32 = 1 << 4;
/// The executor dropped the process while another thread was running it.
const ABANDONED: u32 = 1 << 5;
/// The process waited for a message, and there was none, when its last poll ended.
const PARKED: u32 = 1 << 6;
/// The executor polls the process under another waker than at first.
const MOVED: u32 = 1 << 7;
/// The task that polls the process polls others now, at the end of its own poll.
const LENT: u32 = 1 << 9;
/// The bits above the flags count the polls; the count wraps around.
const POLL: u32 = 1 << 10;

/// The state word of a process: the run lock, the wake-up flag, and the signals that overtake its queue.
///
/// Every transition is one atomic operation, so that the whole protocol between the executor, senders of signals
/// and callers that run the process inline is on this page.
pub(crate) struct State(AtomicU32);

/// The run lock, held: its holder may poll the process's body, or end it. No other thread does so meanwhile, because a
/// state makes one at a time.
///
/// Dropping it does not release the lock: a process that has ended keeps it.
#[must_use = "a lock that is not given back is held for ever"]
pub(crate) struct Held<'a>(&'a State);

/// The result of [`State::begin`].
pub(crate) enum Begin<'a> {
    /// The caller holds the run lock.
    Run(Held<'a>),
    /// Another thread holds it and will wake the executor when it is done.
    Busy,
    /// The process has ended.
    Ended,
}

/// The result of [`State::begin_inline`].
pub(crate) enum BeginInline<'a> {
    /// The caller holds the run lock.
    Run(Held<'a>),
    /// Another thread holds it, and nothing has arrived meanwhile.
    Busy,
    /// The process must not be run inline now.
    No,
}

/// The result of [`Held::release`].
pub(crate) enum Released {
    /// Nothing to do until the next wake-up.
    Idle,
    /// A wake-up arrived meanwhile: make the executor poll again.
    Again,
    /// The executor is gone: take the lock back with [`State::begin`] and end the process.
    Abandoned,
}

/// The activity of a process at one moment; see [`State::phase`].
pub(crate) enum Phase {
    Idle,
    Woken,
    Running,
    Ended,
}

impl State {
    /// A new process counts as woken: its first poll is on its way.
    pub(crate) fn new(trapping: bool) -> State {
        State(AtomicU32::new(NOTIFIED | if trapping { TRAPPING } else { 0 }))
    }

    /// Takes the run lock.
    pub(crate) fn begin(&self) -> Begin<'_> {
        let mut now = self.0.load(Ordering::Acquire);
        loop {
            let next = if now & ENDED != 0 {
                return Begin::Ended;
            } else if now & RUNNING != 0 {
                now | NOTIFIED
            } else {
                ((now | RUNNING) & !(WOKEN | PARKED)).wrapping_add(POLL)
            };
            match self.0.compare_exchange_weak(now, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) if now & RUNNING != 0 => return Begin::Busy,
                Ok(_) => return Begin::Run(Held(self)),
                Err(actual) => now = actual,
            }
        }
    }

    /// Takes the run lock if the process is parked and no thread is about to run it.
    #[inline]
    pub(crate) fn begin_inline(&self) -> BeginInline<'_> {
        let now = self.0.load(Ordering::Relaxed);
        match now & (RUNNING | WOKEN | DOOMED | ENDED | ABANDONED | PARKED) {
            PARKED => {}
            RUNNING => return BeginInline::Busy,
            _ => return BeginInline::No,
        }
        let running = ((now | RUNNING) & !PARKED).wrapping_add(POLL);
        match self.0.compare_exchange(now, running, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => BeginInline::Run(Held(self)),
            Err(_) => BeginInline::Busy,
        }
    }

    /// Records a wake-up; true if the executor has to be woken for it.
    pub(crate) fn notify(&self) -> bool {
        self.0.fetch_or(NOTIFIED, Ordering::AcqRel) & (WOKEN | RUNNING | ENDED) == 0
    }

    /// Whether something other than mail has woken the process since its poll began.
    pub(crate) fn is_notified(&self) -> bool {
        self.0.load(Ordering::Acquire) & NOTIFIED != 0
    }

    /// Records a wake-up, like [`notify`](State::notify), after something was added to the mailbox; usually without an
    /// atomic write.
    ///
    /// The thread that clears the flag, in [`begin`](State::begin) or [`sees_mail`](State::sees_mail), looks into the
    /// mailbox under its lock afterwards. If that look came before the push, the lock orders the clearing before this
    /// load, which cannot miss it; if it came after, it saw what was pushed.
    #[inline]
    pub(crate) fn notify_pushed(&self) -> bool {
        self.0.load(Ordering::Relaxed) & WOKEN == 0
            && self.0.fetch_or(MAILED, Ordering::AcqRel) & (WOKEN | RUNNING | ENDED) == 0
    }

    /// Whether the process has been woken since its poll began, and has to look into its mailbox. It does so next, and
    /// need not be polled again for the mail that it finds.
    #[inline]
    pub(crate) fn sees_mail(&self) -> bool {
        let now = self.0.load(Ordering::Acquire);
        if now & MAILED != 0 {
            self.0.fetch_and(!MAILED, Ordering::AcqRel);
        }
        now & WOKEN != 0
    }

    /// Records that the executor's waker has changed.
    pub(crate) fn set_moved(&self) {
        self.0.fetch_or(MOVED, Ordering::AcqRel);
    }

    pub(crate) fn is_moved(&self) -> bool {
        self.0.load(Ordering::Acquire) & MOVED != 0
    }

    /// Whether the process has a task that [was lent](Held::release_and_lend) and is not back.
    pub(crate) fn is_lent(&self) -> bool {
        self.0.load(Ordering::Acquire) & LENT != 0
    }

    /// Whether the first waker of the process is the one that has it polled soon.
    #[inline]
    pub(crate) fn is_reached_as_at_first(&self) -> bool {
        self.0.load(Ordering::Acquire) & (MOVED | LENT) == 0
    }

    /// Records that the task of the process, which was lent, is about to be over with the others.
    pub(crate) fn take_back(&self) {
        self.0.fetch_and(!LENT, Ordering::AcqRel);
    }

    /// Records that the executor dropped the process; true if no other thread will end it.
    pub(crate) fn abandon(&self) -> bool {
        self.0.fetch_or(ABANDONED, Ordering::AcqRel) & (RUNNING | ENDED) == 0
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.load(Ordering::Acquire) & ENDED != 0
    }

    /// Returns the activity of the process, and how often it has run, modulo 2^22: both at the same moment.
    pub(crate) fn phase(&self) -> (Phase, u32) {
        let now = self.0.load(Ordering::Acquire);
        let phase = if now & ENDED != 0 {
            Phase::Ended
        } else if now & RUNNING != 0 {
            Phase::Running
        } else if now & WOKEN != 0 {
            Phase::Woken
        } else {
            Phase::Idle
        };
        (phase, now / POLL)
    }

    /// How often the process has run, as of now or a moment ago, modulo 2^22.
    #[inline]
    pub(crate) fn polls(&self) -> u32 {
        self.0.load(Ordering::Relaxed) / POLL
    }

    /// Notes that a signal ends the process; true if somebody is polling it meanwhile.
    pub(crate) fn doom(&self) -> bool {
        self.0.fetch_or(DOOMED, Ordering::AcqRel) & RUNNING != 0
    }

    /// Takes back the note of a wake-up; true if there was one. For the holder of the run lock of a process that is about
    /// to end: that is not polled again, woken or not.
    pub(crate) fn forget_wake_up(&self) -> bool {
        self.0.fetch_and(!NOTIFIED, Ordering::AcqRel) & NOTIFIED != 0
    }

    #[inline]
    pub(crate) fn is_doomed(&self) -> bool {
        self.0.load(Ordering::Acquire) & DOOMED != 0
    }

    /// Whether a signal will end the process as soon as it waits. False once it has ended: the drop of its state is
    /// ordinary code, and may wait by blocking its thread.
    #[inline]
    pub(crate) fn is_about_to_end(&self) -> bool {
        self.0.load(Ordering::Acquire) & (DOOMED | ENDED) == DOOMED
    }

    /// Switches trapping on or off; returns the previous setting.
    pub(crate) fn set_trapping(&self, on: bool) -> bool {
        let before = if on {
            self.0.fetch_or(TRAPPING, Ordering::AcqRel)
        } else {
            self.0.fetch_and(!TRAPPING, Ordering::AcqRel)
        };
        before & TRAPPING != 0
    }

    pub(crate) fn is_trapping(&self) -> bool {
        self.0.load(Ordering::Acquire) & TRAPPING != 0
    }
}

impl Held<'_> {
    /// Whether this is the lock of `state`.
    #[inline]
    pub(super) fn is_of(&self, state: &State) -> bool {
        std::ptr::eq(self.0, state)
    }

    /// Releases the run lock after a poll that was pending; `parked` if the process waits for a message, and there was
    /// none.
    #[inline]
    pub(crate) fn release(self, parked: bool) -> Released {
        self.release_with(parked, 0)
    }

    /// As [`release`](Held::release), by the task of the process, which polls others next: until it is [taken
    /// back](State::take_back), a wake-up of the task reaches the process too late. It is lent in any case, also if the
    /// process is to be polled again.
    #[inline]
    pub(crate) fn release_and_lend(self, parked: bool) -> Released {
        self.release_with(parked, LENT)
    }

    #[inline]
    fn release_with(self, parked: bool, lent: u32) -> Released {
        // The holder took the lock with `RUNNING` set and `PARKED` cleared, and no other thread changes either. Only the
        // task of the process changes `LENT`.
        let parked = if parked { PARKED } else { 0 };
        let before = self.0.0.fetch_xor(RUNNING | parked | lent, Ordering::AcqRel);
        if before & ABANDONED != 0 {
            Released::Abandoned
        } else if before & WOKEN != 0 {
            Released::Again
        } else {
            Released::Idle
        }
    }

    /// Marks the end. The lock must not be released any more.
    pub(crate) fn end(&self) {
        self.0.0.fetch_or(ENDED, Ordering::AcqRel);
    }
}
