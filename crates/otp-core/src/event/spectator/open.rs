use std::fmt;

use tracing::Span;

use super::seats::shown;
use super::{Handling, Seen};
use crate::process::{Doing, Header};

/// The span of what a process does now.
pub(crate) struct Open {
    span: Span,
    /// The thread that runs the process is in it.
    entered: bool,
}

impl Open {
    fn enter(&mut self) {
        if !self.entered {
            shown(|| self.span.with_subscriber(|(id, dispatch)| dispatch.enter(id)));
            self.entered = true;
        }
    }

    fn leave(&mut self) {
        if self.entered {
            shown(|| self.span.with_subscriber(|(id, dispatch)| dispatch.exit(id)));
            self.entered = false;
        }
    }
}

impl Header {
    /// The running process begins to do something: tells how long its message has waited, and opens a span, which is in
    /// place of the one before.
    #[cold]
    pub(crate) fn open_span(&self, doing: Doing, message: Option<&dyn fmt::Debug>) {
        self.close_span();
        let note = self.take_note();
        let (seats, seen) = (self.system.seats(), Seen(self));
        if let Some(sent) = note.as_ref().and_then(|note| note.sent) {
            let time = self.system.now() - sent;
            seats.all(|spectator| spectator.waited(&seen, time));
        }
        let handling = Handling { doing, message };
        let cause = note.as_ref().and_then(|note| note.cause.as_ref());
        let span = seats.each(|spectator| spectator.opens(&seen, &handling, cause));
        drop(note);
        if let Some(span) = span {
            let mut open = Box::new(Open { span, entered: false });
            open.enter();
            self.put_open(Some(open));
        }
    }

    /// The running process has done it.
    #[cold]
    pub(crate) fn close_span(&self) {
        if self.has_span()
            && let Some(mut open) = self.put_open(None)
        {
            open.leave();
            shown(|| drop(open));
        }
    }

    /// The process is about to run: the thread enters the span of what it does.
    pub(super) fn enter_span(&self) -> bool {
        let open = if self.has_span() { self.put_open(None) } else { None };
        let is_open = open.is_some();
        if let Some(mut open) = open {
            open.enter();
            self.put_open(Some(open));
        }
        is_open
    }

    /// The process has run.
    pub(super) fn leave_span(&self) {
        if self.has_span()
            && let Some(mut open) = self.put_open(None)
        {
            open.leave();
            self.put_open(Some(open));
        }
    }

    /// Puts a span in its place, or takes it out: code of a subscriber does not run under the lock.
    fn put_open(&self, open: Option<Box<Open>>) -> Option<Box<Open>> {
        self.note_span(open.is_some());
        let mut relations = self.relations.lock();
        match (relations.alive(), open) {
            (Some(alive), None) => alive.existing_rare()?.open.take(),
            (Some(alive), open) => std::mem::replace(&mut alive.rare().open, open),
            (None, open) => {
                drop(relations);
                shown(|| drop(open));
                None
            }
        }
    }
}
