use std::fmt;
use std::marker::PhantomData;

use otp_core::{ExitReason, ReplyTo, Term};

use super::handler::EventHandler;
use super::name::HandlerName;
use super::successor::Successor;

/// The decision of a handler's `init`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Init<H> {
    /// The handler is added with this state, as the first one to get events.
    Ok(H),
    /// The handler is added, and the manager frees memory that is not needed while it waits.
    Hibernate(H),
    /// The handler is not added, and this is not a crash: who adds it gets the reason.
    Refuse(ExitReason),
}

/// The decision of a handler's callback: whether the handler stays.
#[must_use = "a callback returns its decision"]
pub struct Next<H: EventHandler> {
    pub(super) then: Then<H::Event>,
    handler: PhantomData<fn(H)>,
}

/// A decision, without the type of its handler.
pub(super) struct Then<E: Send + Sync + 'static> {
    pub(super) what: What<E>,
    pub(super) hibernates: bool,
    /// Sends a reply, when the rest is done.
    pub(super) reply: Option<Box<dyn FnOnce() + Send>>,
}

pub(super) enum What<E: Send + Sync + 'static> {
    Stay,
    Remove,
    /// Another handler takes its place. The argument is that of `terminate`.
    Swap(Term, Successor<E>),
}

/// What a handler gets of the one whose place it takes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Swapped<H> {
    /// The old handler, after its `terminate`.
    Handler(H),
    /// There was no such handler.
    Absent,
    /// The old handler's `terminate` panicked or returned an error.
    Crashed(ExitReason),
}

impl<H: EventHandler> Next<H> {
    fn new(what: What<H::Event>) -> Next<H> {
        Next { then: Then { what, hibernates: false, reply: None }, handler: PhantomData }
    }

    /// The handler stays.
    pub fn ok() -> Next<H> {
        Next::new(What::Stay)
    }

    /// The handler stays, and the manager frees memory that is not needed while it waits.
    pub fn hibernate() -> Next<H> {
        let mut next: Next<H> = Next::ok();
        next.then.hibernates = true;
        next
    }

    /// The handler is removed: its [`terminate`](EventHandler::terminate) runs, with [`Removal::Removed`](super::Removal).
    pub fn remove() -> Next<H> {
        Next::new(What::Remove)
    }

    /// Another handler takes the place of this one: `terminate` runs with `args`, and then the other's `init` with what
    /// `make` returns. If that fails, there is no handler in this place any more. The owner of a supervised handler is the
    /// owner of the new one.
    pub fn swap<N>(
        to: &HandlerName<N>,
        args: Term,
        make: impl FnOnce(Swapped<H>) -> N::Args + Send + 'static,
    ) -> Next<H>
    where
        N: EventHandler<Event = H::Event>,
    {
        Next::new(What::Swap(args, Successor::after(to, make)))
    }

    /// Answers a call when the rest of this decision is carried out: when the handler has been removed or swapped.
    /// [`ReplyTo::reply`] answers at once.
    pub fn reply<R: Send + 'static>(mut self, from: ReplyTo<R>, value: R) -> Next<H> {
        self.then.reply = Some(Box::new(move || from.reply(value)));
        self
    }
}

impl<H: EventHandler> fmt::Debug for Next<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (&self.then.what, self.then.hibernates) {
            (What::Stay, false) => "Next(ok)",
            (What::Stay, true) => "Next(hibernate)",
            (What::Remove, _) => "Next(remove)",
            (What::Swap(..), _) => "Next(swap)",
        })
    }
}
