//! Versions of one server, which take each other's place.

use std::time::Duration;

use futures::channel::mpsc;
use futures::stream;
use otp::gen_server::{Attach, Upgrade};
use otp::prelude::*;
use otp::process::{MonitorRef, Term, TimerRef};

use crate::servers::{Gate, boom};

/// Version `N` of a server with a number. It answers with its version.
pub struct Version<const N: u32> {
    /// The number.
    pub number: i64,
    /// A call that is answered later. A token cannot be cloned, so that the next version takes it over.
    waiting: Option<ReplyTo<(u32, i64)>>,
    heard: Vec<String>,
    tell: Option<mpsc::UnboundedSender<String>>,
}

/// A call.
pub enum VersionCall {
    /// Answers the version and the number.
    Which(ReplyTo<(u32, i64)>),
    /// Answers so at the next [`VersionCast::Answer`].
    Later(ReplyTo<(u32, i64)>),
    /// Answers what messages came to `handle_info`, and in which version.
    Heard(ReplyTo<Vec<String>>),
    /// Does something in the process.
    Do(Deed, ReplyTo<String>),
}

/// What a version does in its process, and says of it.
pub type Deed = Box<dyn FnOnce(&mut dyn Doer) -> String + Send>;

/// A cast.
pub enum VersionCast {
    /// Adds to the number.
    Add(i64),
    /// Answers the call that waits.
    Answer,
    /// Handles nothing else until the gate opens.
    Hold(Gate),
    /// Waits for the time for a message.
    Wait(Duration),
    /// Tells what it hears, from now on.
    Tell(mpsc::UnboundedSender<String>),
}

/// What a callback of any version can do.
pub trait Doer {
    /// The process.
    fn process(&self) -> &Process;
    /// Sends an info later.
    fn send_after(&self, delay: Duration, info: &'static str) -> TimerRef;
    /// Attaches a stream of one item.
    fn attach(&self, item: &'static str);
    /// As of a context.
    fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool;
    /// As of a context.
    fn take_exit(&mut self, from: Pid) -> bool;
    /// Sends an info to itself, through its own reference.
    fn send_self(&self, info: &'static str);
}

impl<S: GenServer<Info = &'static str>> Doer for Context<S> {
    fn process(&self) -> &Process {
        self
    }

    fn send_after(&self, delay: Duration, info: &'static str) -> TimerRef {
        Context::send_after(self, delay, info)
    }

    fn attach(&self, item: &'static str) {
        Attach::attach(self, stream::iter([item]), |item| item.unwrap_or("the end"));
    }

    fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        Context::demonitor_flush(self, monitor)
    }

    fn take_exit(&mut self, from: Pid) -> bool {
        Context::take_exit(self, from).is_some()
    }

    fn send_self(&self, info: &'static str) {
        self.server().info(info);
    }
}

impl<const N: u32> Version<N> {
    fn hear(&mut self, what: impl std::fmt::Display) {
        let heard = format!("{what} in {N}");
        match &self.tell {
            Some(tell) => drop(tell.unbounded_send(heard)),
            None => self.heard.push(heard),
        }
    }
}

impl<const N: u32> GenServer for Version<N> {
    type Args = i64;
    type Call = VersionCall;
    type Cast = VersionCast;
    type Info = &'static str;
    type Continue = NoMessage;

    async fn init(number: i64, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        Ok(Init::Ok(Version { number, waiting: None, heard: Vec::new(), tell: None }))
    }

    async fn handle_call(&mut self, call: VersionCall, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            VersionCall::Which(from) => from.reply((N, self.number)),
            VersionCall::Later(from) => self.waiting = Some(from),
            VersionCall::Heard(from) => from.reply(self.heard.clone()),
            VersionCall::Do(act, from) => from.reply(act(ctx)),
        }
        Ok(Next::Receive)
    }

    async fn handle_cast(&mut self, cast: VersionCast, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match cast {
            VersionCast::Add(number) => self.number += number,
            VersionCast::Answer => self.waiting.take().into_iter().for_each(|from| from.reply((N, self.number))),
            VersionCast::Hold(gate) => drop(gate.await),
            VersionCast::Wait(limit) => return Ok(Next::Timeout(limit)),
            VersionCast::Tell(tell) => self.tell = Some(tell),
        }
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<&'static str>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match info {
            Info::Message(text) => self.hear(text),
            Info::Timer(_) => self.hear("a timer"),
            Info::Timeout => self.hear("a timeout"),
            Info::Down(_) => self.hear("a down"),
            Info::Exit(_) => self.hear("an exit"),
            _ => self.hear("something else"),
        }
        Ok(Next::Receive)
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) -> Result<(), ExitReason> {
        self.hear(format_args!("the end, {reason},"));
        Ok(())
    }
}

impl<const N: u32> Supervised for Version<N> {}

/// What an upgrade is to do beside making the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Extra {
    /// Nothing.
    Nothing,
    /// Refuses a state with this number.
    Refuse(i64),
    /// Panics at a state with this number.
    Panic(i64),
    /// Panics when it takes over.
    PanicAfter,
}

impl<const N: u32, const M: u32> Upgrade<Version<M>> for Version<N> {
    fn upgrade(old: &Version<M>, extra: &Term) -> Result<Self, ExitReason> {
        match extra.downcast_ref() {
            Some(Extra::Refuse(number)) if *number == old.number => return Err(boom()),
            Some(Extra::Panic(number)) => assert_ne!(*number, old.number, "this number cannot be upgraded"),
            Some(Extra::PanicAfter) => return Ok(Version { number: -1, waiting: None, heard: Vec::new(), tell: None }),
            _ => {}
        }
        Ok(Version { number: old.number, waiting: None, heard: old.heard.clone(), tell: None })
    }

    fn take_over(&mut self, old: Version<M>, _: &mut Context<Self>) {
        self.waiting = old.waiting;
        self.tell = old.tell;
        assert_ne!(self.number, -1, "it cannot take over");
    }
}
