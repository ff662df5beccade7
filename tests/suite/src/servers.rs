//! Servers that do what they are told.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::BoxFuture;
use otp::prelude::*;

use crate::journal::Journal;

/// A deliberate, abnormal reason.
pub fn boom() -> ExitReason {
    ExitReason::other(Boom)
}

#[derive(Debug, PartialEq)]
struct Boom;

/// [`inside`](crate::inside) a process that is sent nothing, so that `body` need not say what it receives.
pub async fn inside<T, F, Fut>(system: &System, body: F) -> T
where
    T: Send + 'static,
    F: FnOnce(ProcessContext<()>) -> Fut + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    crate::inside(system, body).await
}

/// Something to wait for: open when the other half is dropped.
pub type Gate = oneshot::Receiver<()>;

/// A gate, and what keeps it closed.
pub fn gate() -> (oneshot::Sender<()>, Gate) {
    oneshot::channel()
}

/// The name of most puppets.
pub const PUPPET: ServerName<Puppet> = ServerName::new("puppet");

/// A server that does what it is told and notes what happens to it, after its name if it has one.
#[derive(Debug)]
pub struct Puppet {
    name: &'static str,
    journal: Journal,
    terminate: Act,
    on_timeout: Act,
    on_drop: Act,
    kept: Vec<ReplyTo<&'static str>>,
}

/// How a [`Puppet`] begins and ends.
#[derive(Debug)]
pub struct Script {
    /// Goes before each note.
    pub name: &'static str,
    /// Where it notes things.
    pub journal: Journal,
    /// Whether it traps exits.
    pub trap_exit: bool,
    /// What `init` does.
    pub init: First,
    /// What `terminate` does.
    pub terminate: Act,
    /// What it does at its first timeout.
    pub on_timeout: Act,
    /// What dropping its state does: nothing, or a panic.
    pub on_drop: Act,
}

impl Script {
    /// An ordinary server.
    pub fn new(journal: &Journal) -> Script {
        Script {
            name: "",
            journal: journal.clone(),
            trap_exit: false,
            init: First::Act(Act::Nothing),
            terminate: Act::Nothing,
            on_timeout: Act::Nothing,
            on_drop: Act::Nothing,
        }
    }

    /// A server that traps exits.
    pub fn trapping(journal: &Journal) -> Script {
        Script { trap_exit: true, ..Script::new(journal) }
    }

    /// A server whose `init` does this.
    pub fn init(journal: &Journal, init: First) -> Script {
        Script { init, ..Script::new(journal) }
    }
}

/// What `init` does.
#[derive(Debug)]
pub enum First {
    /// Starts, after it has done this, and goes on as it says.
    Act(Act),
    /// Answers ignore.
    Ignore,
    /// Stops with the reason.
    Stop(ExitReason),
    /// Answers with an error that is no crash.
    Error(ExitReason),
}

/// What a callback does.
#[derive(Debug)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Notes a text.
    Note(&'static str),
    /// Stops with the reason.
    Stop(ExitReason),
    /// Returns the reason as an error.
    Fail(ExitReason),
    /// Panics.
    Panic(&'static str),
    /// Goes on in `handle_continue`, with this.
    Continue(Box<Act>),
    /// Waits for the next message for so long.
    Timeout(Duration),
    /// Hibernates.
    Hibernate,
    /// Notes `waits`, and waits until the gate is open.
    Wait(Gate),
    /// Notes `hangs`, and waits for ever.
    Hang,
    /// One thing after the other.
    Then(Box<[Act; 2]>),
    /// Switches trapping on.
    Trap,
    /// Links to a process.
    Link(Pid),
    /// Monitors a process.
    Monitor(Pid),
    /// Sends an exit signal, also to itself.
    Exit(Pid, ExitReason),
    /// Sends itself a message, to arrive after the time.
    Later(Duration, Box<Act>),
    /// Answers all callers whose tokens were kept, the last one first.
    AnswerAll,
}

impl Act {
    /// This, and then that.
    pub fn then(self, next: Act) -> Act {
        Act::Then(Box::new([self, next]))
    }

    /// Goes on in `handle_continue`, with `act`.
    pub fn continuing(act: Act) -> Act {
        Act::Continue(Box::new(act))
    }
}

/// The calls of a [`Puppet`].
#[derive(Debug)]
pub enum Ask {
    /// Notes `call` and the text, and answers with it.
    Echo(&'static str, ReplyTo<&'static str>),
    /// Does it, and answers if the server goes on.
    Do(Act, ReplyTo<()>),
    /// Stops with the reason; answers with the text when that is done.
    StopReply(ExitReason, &'static str, ReplyTo<&'static str>),
    /// Answers, and then does it.
    ReplyAnd(Act, ReplyTo<()>),
    /// Keeps the token.
    Keep(ReplyTo<&'static str>),
    /// Drops the token, and then does it.
    Drop(Act, ReplyTo<()>),
}

impl Puppet {
    fn note(&self, what: impl AsRef<str>) {
        let what = what.as_ref();
        self.journal.note(if self.name.is_empty() { what.to_owned() } else { format!("{} {what}", self.name) });
    }

    fn perform<'a>(
        &'a mut self,
        act: Act,
        ctx: &'a mut Context<Puppet>,
    ) -> BoxFuture<'a, Result<Next<Puppet>, ExitReason>> {
        Box::pin(async move {
            match act {
                Act::Nothing => {}
                Act::Note(text) => self.note(text),
                Act::Stop(reason) => return Ok(Next::Stop(reason)),
                Act::Fail(reason) => return Err(reason),
                Act::Panic(message) => panic!("{message}"),
                Act::Continue(act) => return Ok(Next::Continue(*act)),
                Act::Timeout(after) => return Ok(Next::Timeout(after)),
                Act::Hibernate => return Ok(Next::Hibernate),
                Act::Wait(gate) => {
                    self.note("waits");
                    let _ = gate.await;
                }
                Act::Hang => {
                    self.note("hangs");
                    std::future::pending::<()>().await;
                }
                Act::Then(both) => {
                    let [first, next] = *both;
                    self.perform(first, ctx).await?;
                    return self.perform(next, ctx).await;
                }
                Act::Trap => drop(ctx.trap_exit(true)),
                Act::Link(pid) => ctx.link(pid)?,
                Act::Monitor(pid) => drop(ctx.monitor(pid)),
                Act::Exit(pid, reason) => ctx.system().exit(pid, reason),
                Act::Later(after, act) => drop(ctx.send_after(after, *act)),
                Act::AnswerAll => self.kept.drain(..).rev().for_each(|from| from.reply("kept")),
            }
            Ok(Next::Receive)
        })
    }
}

impl GenServer for Puppet {
    type Args = Script;
    type Call = Ask;
    type Cast = Act;
    type Info = Act;
    type Continue = Act;

    async fn init(script: Script, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let Script { name, journal, trap_exit, init, terminate, on_timeout, on_drop } = script;
        ctx.trap_exit(trap_exit);
        let mut puppet = Puppet { name, journal, terminate, on_timeout, on_drop, kept: Vec::new() };
        puppet.note("starts");
        match init {
            First::Ignore => Ok(Init::Ignore),
            First::Stop(reason) => Ok(Init::Stop(reason)),
            First::Error(reason) => Ok(Init::Error(reason)),
            First::Act(act) => Ok(match puppet.perform(act, ctx).await? {
                Next::Timeout(after) => Init::Timeout(puppet, after),
                Next::Hibernate => Init::Hibernate(puppet),
                Next::Continue(act) => Init::Continue(puppet, act),
                Next::Stop(reason) => Init::Stop(reason),
                _ => Init::Ok(puppet),
            }),
        }
    }

    async fn handle_call(&mut self, call: Ask, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            Ask::Echo(text, from) => {
                self.note(format!("call {text}"));
                from.reply(text);
            }
            Ask::Do(act, from) => {
                let next = self.perform(act, ctx).await?;
                if !matches!(next, Next::Stop(_)) {
                    from.reply(());
                }
                return Ok(next);
            }
            Ask::StopReply(reason, text, from) => return Ok(Next::stop_reply(reason, from, text)),
            Ask::ReplyAnd(act, from) => {
                from.reply(());
                return self.perform(act, ctx).await;
            }
            Ask::Keep(from) => self.kept.push(from),
            Ask::Drop(act, from) => {
                drop(from);
                return self.perform(act, ctx).await;
            }
        }
        Ok(Next::Receive)
    }

    async fn handle_cast(&mut self, act: Act, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.perform(act, ctx).await
    }

    async fn handle_info(&mut self, info: Info<Act>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match info {
            Info::Message(act) => return self.perform(act, ctx).await,
            Info::Exit(exit) => self.note(format!("exit {}", exit.reason)),
            Info::Down(down) => self.note(format!("down {}", down.reason)),
            Info::Timeout => {
                self.note("timeout");
                let act = std::mem::replace(&mut self.on_timeout, Act::Nothing);
                return self.perform(act, ctx).await;
            }
            _ => {}
        }
        Ok(Next::Receive)
    }

    async fn handle_continue(&mut self, act: Act, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.note("continues");
        self.perform(act, ctx).await
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        self.note(format!("terminate {reason}"));
        let act = std::mem::replace(&mut self.terminate, Act::Nothing);
        self.perform(act, ctx).await.map(drop)
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        if let Act::Panic(message) = self.on_drop {
            self.note("drops");
            panic!("{message}");
        }
    }
}
