use std::cell::RefCell;

use tracing::Span;

use super::seats::shown;
use crate::process::{Doing, Header, ProcessRef};
use crate::runtime::Instant;
use crate::sync::thread_local;
use crate::system::System;

/// What is put beside a message, for spectators: when it was sent, and on behalf of which span.
#[derive(Debug)]
pub(crate) struct Note {
    pub(super) sent: Option<Instant>,
    pub(super) cause: Option<Span>,
}

/// Its drop tells a subscriber, and so it is not dropped under a lock.
impl Drop for Note {
    fn drop(&mut self) {
        if let Some(cause) = self.cause.take() {
            shown(|| drop(cause));
        }
    }
}

/// What something that happens later happens because of, such as what a timer sends.
#[derive(Default)]
pub(crate) struct Cause(Option<Span>);

thread_local! {
    /// The cause of what the thread does, if it is not what it runs.
    static ON_BEHALF: RefCell<Option<Span>> = const { RefCell::new(None) };
}

impl System {
    /// The note for a message that is sent now.
    pub(super) fn note_for_message(&self) -> Option<Box<Note>> {
        let mut times = false;
        self.seats().all(|spectator| times |= spectator.times());
        let cause = self.cause_now();
        (times || cause.is_some()).then(|| Box::new(Note { sent: times.then(|| self.now()), cause }))
    }

    /// The cause of what this code does later.
    #[inline]
    pub(crate) fn cause(&self) -> Cause {
        if self.seats().are_taken() { Cause(self.cause_now()) } else { Cause(None) }
    }

    fn cause_now(&self) -> Option<Span> {
        let on_behalf = ON_BEHALF.with(|cause| cause.borrow().is_some());
        if on_behalf {
            return shown(|| ON_BEHALF.with(|cause| cause.borrow().clone())).flatten();
        }
        self.seats().each(|spectator| spectator.cause())
    }
}

impl Cause {
    /// The note for what happens now because of it.
    pub(crate) fn note(self) -> Option<Box<Note>> {
        self.0.map(|cause| Box::new(Note { sent: None, cause: Some(cause) }))
    }

    /// Runs code on behalf of the cause.
    pub(crate) fn of<T>(self, code: impl FnOnce() -> T) -> T {
        let Some(span) = self.0 else { return code() };
        let before = ON_BEHALF.with(|cause| cause.replace(Some(span)));
        let _restored = Restored(before);
        code()
    }
}

/// Restores what was the cause before, also after a panic.
struct Restored(Option<Span>);

impl Drop for Restored {
    fn drop(&mut self) {
        let over = ON_BEHALF.with(|cause| cause.replace(self.0.take()));
        // A subscriber is told.
        shown(|| drop(over));
    }
}

impl<M: Send + 'static> ProcessRef<M> {
    /// The note for a message that is sent to the process now, if spectators want one.
    #[inline]
    pub(crate) fn note(&self) -> Option<Box<Note>> {
        if self.header().is_watched() { self.system().note_for_message() } else { None }
    }
}

impl Header {
    /// Puts down the note of a message that the process receives, for what follows.
    pub(crate) fn put_note(&self, note: Option<Box<Note>>) {
        let mut relations = self.relations.lock();
        let before = match relations.alive() {
            Some(alive) if note.is_some() => std::mem::replace(&mut alive.rare().note, note),
            Some(alive) => alive.existing_rare().and_then(|rare| rare.note.take()),
            None => note,
        };
        drop(relations);
        drop(before);
    }

    /// The process receives a message with this note: a behaviour is about to say that it handles it.
    pub(crate) fn receives(&self, note: Option<Box<Note>>) {
        if note.is_none() {
            return;
        }
        self.put_note(note);
        if !self.is_behaviour() {
            self.open_span(Doing::RUNNING, None);
        }
    }

    /// Takes up the note of the message that the process has received.
    pub(crate) fn take_note(&self) -> Option<Box<Note>> {
        self.relations.lock().alive()?.existing_rare()?.note.take()
    }

    /// Notes that the process was started just now, on behalf of what the running code does.
    #[cold]
    pub(crate) fn begin_watched(&self) {
        self.set_watched(true);
        if let Some(cause) = self.system.cause_now() {
            self.put_note(Some(Box::new(Note { sent: None, cause: Some(cause) })));
        }
    }
}
