use std::collections::HashMap;
use std::sync::Arc;

use otp::gen_server::{Context, GenServer, Info, Init, Next};
use otp::process::{Term, TimerRef};
use otp::{ExitReason, ReplyTo};
use serde_json::Value;

use super::ops::{After, Turn};
use super::process::{Planned, begin, end};
use super::registry::Told;
use crate::language::{CodeChange, Ops, Replacing, WorkerSpec};
use crate::trace::Shape;
use crate::world::{Actor, Happening, Incarnation, World};

/// A generic server whose behaviour is data.
pub(crate) struct Worker {
    pub(super) world: Arc<World>,
    pub(super) me: Incarnation,
    pub(super) spec: Arc<WorkerSpec>,
    pub(super) value: Value,
    /// Callers that are kept for later, by key. One that has been answered leaves its key.
    pub(super) deferred: HashMap<String, Option<ReplyTo<Shape>>>,
    /// Callers that will never be answered. Their tokens are kept, or they would hear of it.
    pub(super) unanswered: Vec<ReplyTo<Shape>>,
}

/// What a worker is started with.
pub(crate) struct WorkerArgs {
    pub(crate) world: Arc<World>,
    pub(crate) me: Incarnation,
    pub(crate) spec: Arc<WorkerSpec>,
}

/// A call of a worker.
pub(crate) struct Asked {
    pub(crate) ops: Ops,
    pub(crate) from: ReplyTo<Shape>,
}

/// A message to a worker that is neither a call nor a cast.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    Ops(Ops),
    User(Value),
    Timer(TimerRef, Value),
    /// To a listener of a registry.
    Registry(Told),
}

/// A server ended because a call that it made failed, for this reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallFailed(pub(crate) ExitReason);

/// Panics with a message, without the noise of the panic hook: the crash is part of the scenario.
pub(crate) fn crash(message: &str) -> ! {
    std::panic::resume_unwind(Box::new(message.to_owned()))
}

impl Worker {
    /// The value, for `sys`.
    pub(crate) fn look(&self) -> Value {
        self.value.clone()
    }

    /// Puts another value in its place.
    pub(crate) fn replace(&mut self, by: Replacing) -> Value {
        by.crash.as_deref().map(crash);
        self.value = by.value.unwrap_or_else(|| self.look());
        self.look()
    }

    /// Runs ops in a callback that has no caller.
    async fn run(
        &mut self,
        ops: &[crate::language::Op],
        ctx: &mut Context<Worker>,
    ) -> Result<Next<Worker>, ExitReason> {
        Ok(Turn::new(self, ctx, None).run(ops).await?.next())
    }
}

impl GenServer for Worker {
    type Args = WorkerArgs;
    type Call = Asked;
    type Cast = Ops;
    type Info = Note;
    type Continue = Ops;

    async fn init(args: WorkerArgs, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let WorkerArgs { world, me, spec } = args;
        world.recorder().introduce(ctx.pid(), &me, Actor::Worker(ctx.server()));
        ctx.trap_exit(spec.trap_exit.unwrap_or(false));
        let mut worker = Worker {
            value: spec.value.clone().unwrap_or_default(),
            deferred: HashMap::new(),
            unanswered: Vec::new(),
            world: world.clone(),
            me: me.clone(),
            spec,
        };
        let after = match begin(worker.spec.outcome(me.n), ctx).await? {
            Planned::Ignore => return Ok(Init::Ignore),
            Planned::Stop(reason) => return Ok(Init::Stop(reason)),
            Planned::Ops(ops) => Turn::new(&mut worker, ctx, None).run(&ops).await?.after(),
        };
        world.recorder().ready(&me);
        Ok(match after {
            None => Init::Ok(worker),
            Some(After::Continue(ops)) => Init::Continue(worker, ops),
            Some(After::Timeout(limit)) => Init::Timeout(worker, limit),
            Some(After::Hibernate) => Init::Hibernate(worker),
        })
    }

    async fn handle_call(&mut self, call: Asked, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let Asked { ops, from } = call;
        Ok(Turn::new(self, ctx, Some(from)).run(&ops).await?.next())
    }

    async fn handle_cast(&mut self, ops: Ops, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.run(&ops, ctx).await
    }

    async fn handle_continue(&mut self, ops: Ops, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        self.run(&ops, ctx).await
    }

    async fn handle_info(&mut self, info: Info<Note>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let message = match info {
            Info::Message(Note::Ops(ops)) => return self.run(&ops, ctx).await,
            Info::Timeout => {
                self.world.record(&self.me, Happening::Timeout);
                let ops = self.spec.on_timeout.clone().unwrap_or_default();
                return self.run(&ops, ctx).await;
            }
            other => Shape::info(other),
        };
        self.world.record(&self.me, Happening::Info(message));
        let ops = self.spec.on_info.clone().unwrap_or_default();
        self.run(&ops, ctx).await
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        self.world.record(&self.me, Happening::Terminate(reason.clone()));
        end(self.spec.terminate.clone(), ctx).await
    }

    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        self.world.record(&self.me, Happening::CodeChange);
        self.value = CodeChange::of(&extra).change.of(&self.value, |message| crash(message))?;
        Ok(())
    }
}
