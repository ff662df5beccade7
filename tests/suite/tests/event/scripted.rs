//! A handler that notes what it gets, and does what its script says.

use std::sync::Arc;

use otp::gen_event::{Context, EventHandler, HandlerName, Init, Next, Removal};
use otp::gen_server::Info;
use otp::prelude::{ExitReason, ReplyTo};
use otp::test::Journal;

/// An event: a word.
pub(super) type Word = &'static str;

/// What a handler does at an event.
pub(super) type Act = Arc<dyn Fn(&Word) -> Result<Next<Scripted>, ExitReason> + Send + Sync>;

pub(super) struct Scripted {
    pub(super) name: &'static str,
    pub(super) journal: Journal,
    pub(super) act: Act,
    /// Dropped with the handler.
    pub(super) kept: Option<Box<dyn Send>>,
}

/// What the handler is asked.
pub(super) enum Asked {
    Name(ReplyTo<&'static str>),
    Remove(ReplyTo<&'static str>),
    Crash(ReplyTo<&'static str>),
    Keep(ReplyTo<&'static str>),
}

impl Scripted {
    pub(super) fn quiet(name: &'static str, journal: &Journal) -> Scripted {
        Scripted::acting(name, journal, |_| Ok(Next::ok()))
    }

    pub(super) fn acting(
        name: &'static str,
        journal: &Journal,
        act: impl Fn(&Word) -> Result<Next<Scripted>, ExitReason> + Send + Sync + 'static,
    ) -> Scripted {
        Scripted { name, journal: journal.clone(), act: Arc::new(act), kept: None }
    }
}

pub(super) const A: HandlerName<Scripted> = HandlerName::new("a");
pub(super) const B: HandlerName<Scripted> = HandlerName::new("b");
pub(super) const C: HandlerName<Scripted> = HandlerName::new("c");

impl EventHandler for Scripted {
    type Event = Word;
    type Args = Scripted;
    type Call = Asked;

    async fn init(args: Scripted, _: &mut Context<Word>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(args))
    }

    async fn handle_event(&mut self, event: &Word, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        self.journal.note(format!("{} {event}", self.name));
        (self.act)(event)
    }

    async fn handle_call(&mut self, call: Asked, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        match call {
            Asked::Name(from) => from.reply(self.name),
            Asked::Remove(from) => return Ok(Next::remove().reply(from, "removed")),
            Asked::Crash(_from) => std::panic::resume_unwind(Box::new("crashed".to_owned())),
            Asked::Keep(from) => self.kept = Some(Box::new(from)),
        }
        Ok(Next::ok())
    }

    async fn handle_info(&mut self, info: &Info<Word>, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        if let Info::Message(word) = info {
            self.journal.note(format!("{} info {word}", self.name));
        }
        Ok(Next::ok())
    }

    async fn terminate(&mut self, why: &Removal, _: &mut Context<Word>) -> Result<(), ExitReason> {
        let why = match why {
            Removal::Deleted(_) => "deleted",
            Removal::Removed => "removed",
            Removal::Crashed(_) => "crashed",
            Removal::OwnerExited(_) => "owner exited",
            _ => "stop",
        };
        self.journal.note(format!("{} {why}", self.name));
        Ok(())
    }
}
