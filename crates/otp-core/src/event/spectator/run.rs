use std::cell::RefCell;

use super::Seen;
use crate::process::{Doing, Header};
use crate::runtime::Instant;
use crate::sync::thread_local;

/// A run of a process that spectators see.
struct Run {
    started: Instant,
    handled: u64,
}

thread_local! {
    /// The runs of processes on this thread, of which one may run others inline. They are not kept in the process, which may
    /// have ended when its run is over.
    static RUNS: RefCell<Vec<Run>> = const { RefCell::new(Vec::new()) };
}

impl Header {
    /// The process is about to run, on this thread.
    #[cold]
    pub(crate) fn begin_run(&self) {
        self.note_seen(true);
        if !self.enter_span() && self.doing() == Doing::STARTING {
            self.open_span(Doing::STARTING, None);
        }
        let run = Run { started: self.system.now(), handled: self.handled() };
        RUNS.with(|runs| runs.borrow_mut().push(run));
    }

    /// It has run, and may have ended.
    #[cold]
    pub(crate) fn end_run(&self) {
        let Some(run) = RUNS.with(|runs| runs.borrow_mut().pop()) else { return };
        let took = self.system.now() - run.started;
        self.leave_span();
        self.note_seen(false);
        let (seen, received) = (Seen(self), self.handled() - run.handled);
        self.system.seats().all(|spectator| spectator.ran(&seen, received, took));
    }
}
