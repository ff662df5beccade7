use std::time::Duration;

use otp::gen_server::{Context, Next};
use otp::process::yield_now;
use otp::{ExitReason, ReplyTo};

use super::ask::{ask, send};
use super::worker::{Note, Worker, crash};
use crate::language::{Label, Op, Ops, add, push};
use crate::trace::Shape;
use crate::world::{Happening, Reference};

/// One callback of a worker while it runs its ops, and what it will return.
pub(super) struct Turn<'a> {
    worker: &'a mut Worker,
    ctx: &'a mut Context<Worker>,
    /// The caller, until it is answered or kept.
    from: Option<ReplyTo<Shape>>,
    reply: Option<Shape>,
    /// The caller gets no reply at the end of this callback.
    silent: bool,
    stop: Option<ExitReason>,
    after: Option<After>,
}

/// What a callback asks for when it does not stop; the last one counts.
pub(super) enum After {
    Continue(Ops),
    Timeout(Duration),
    Hibernate,
}

impl<'a> Turn<'a> {
    pub(super) fn new(worker: &'a mut Worker, ctx: &'a mut Context<Worker>, from: Option<ReplyTo<Shape>>) -> Turn<'a> {
        Turn { worker, ctx, from, reply: None, silent: false, stop: None, after: None }
    }

    /// Runs the ops in their order.
    pub(super) async fn run(mut self, ops: &[Op]) -> Result<Turn<'a>, ExitReason> {
        for op in ops {
            self.one(op).await?;
        }
        Ok(self)
    }

    /// What the callback returns.
    pub(super) fn next(self) -> Next<Worker> {
        if let Some(reason) = self.stop {
            return match (self.from, self.reply) {
                (Some(from), Some(reply)) => Next::stop_reply(reason, from, reply),
                _ => Next::Stop(reason),
            };
        }
        if let Some(from) = self.from {
            if self.silent {
                self.worker.unanswered.push(from);
            } else {
                from.reply(self.reply.unwrap_or_else(Shape::done));
            }
        }
        match self.after {
            None => Next::Receive,
            Some(After::Continue(ops)) => Next::Continue(ops),
            Some(After::Timeout(limit)) => Next::Timeout(limit),
            Some(After::Hibernate) => Next::Hibernate,
        }
    }

    /// What `init` asks for.
    pub(super) fn after(self) -> Option<After> {
        self.after
    }

    async fn one(&mut self, op: &Op) -> Result<(), ExitReason> {
        match op {
            Op::Log(text) => self.worker.world.record(&self.worker.me, Happening::Log(text.clone())),
            Op::Sleep(pause) => self.ctx.system().sleep(*pause).await,
            Op::Crash(message) => crash(message),
            Op::Exit(reason) => return Err(reason.clone()),
            Op::Reply(value) => self.reply = Some(Shape::Json(value.clone())),
            Op::Get => self.reply = Some(Shape::Json(self.worker.value.clone())),
            Op::Set(value) => self.worker.value = value.clone(),
            Op::Add(n) => add(&mut self.worker.value, *n),
            Op::Push(element) => push(&mut self.worker.value, element),
            Op::NoReply => self.silent = true,
            Op::Defer(key) => drop(self.worker.deferred.insert(key.clone(), self.from.take())),
            Op::ReplyTo { key, value } => {
                if let Some(from) = self.worker.deferred.get_mut(key).and_then(Option::take) {
                    from.reply(Shape::Json(value.clone()));
                }
            }
            Op::ReplyNow(value) => {
                if let Some(from) = self.from.take() {
                    from.reply(Shape::Json(value.clone()));
                }
            }
            Op::Stop(reason) => self.stop = Some(reason.clone()),
            Op::Continue(ops) => self.after = Some(After::Continue(ops.clone())),
            Op::Timeout(limit) => self.after = Some(After::Timeout(*limit)),
            Op::Hibernate => self.after = Some(After::Hibernate),
            // A name that nobody holds is an error for the sender, as it is for the step; no scenario does that here.
            Op::Send { to, payload } => drop(send(&self.worker.world, to, self.ctx.pid(), payload)),
            // Fails only for a server that has ended.
            Op::SendSelf(ops) => self.ctx.server().info(Note::Ops(ops.clone())),
            Op::CastSelf(ops) => self.ctx.server().cast(ops.clone()),
            Op::SendAfter { delay, ops } => drop(self.ctx.send_after(*delay, Note::Ops(ops.clone()))),
            Op::Call { to, ops, limit, caught } => {
                let answer = ask(&self.worker.world, to, self.ctx.pid(), ops, *limit).await;
                self.reply = Some(match (answer, caught) {
                    (Ok(value), false) => value,
                    (Ok(value), true) => Shape::ok(value),
                    (Err(failed), true) => Shape::fail(failed.reason()),
                    (Err(failed), false) => return Err(failed.uncaught()),
                });
            }
            Op::Link(_) | Op::Unlink(_) | Op::Monitor { .. } | Op::TrapExit(_) | Op::ExitSignal { .. } => {
                self.as_process(op).await;
            }
        }
        Ok(())
    }

    /// What any process can do.
    async fn as_process(&mut self, op: &Op) {
        let (world, own) = (self.worker.world.clone(), self.ctx.pid());
        let pid = |label: &Label| world.resolve(label, own).and_then(|actor| actor.pid());
        match op {
            // A link to a process that has ended is ignored.
            Op::Link(to) => drop(pid(to).map(|to| self.ctx.link(to))),
            Op::Unlink(from) => drop(pid(from).map(|from| self.ctx.unlink(from))),
            Op::Monitor { to, name } => {
                let monitor = match (to, pid(to)) {
                    (Label::Named(name), _) => self.ctx.monitor(otp::process::Target::Name(name.clone().into())),
                    (_, Some(pid)) => self.ctx.monitor(pid),
                    (_, None) => return,
                };
                world.refer(name, Reference::Monitor(monitor));
            }
            Op::TrapExit(on) => drop(self.ctx.trap_exit(*on)),
            Op::ExitSignal { to, reason } => {
                if let Some(to) = pid(to) {
                    self.ctx.system().exit(to, reason.clone());
                    if to == own {
                        // A signal to oneself acts where the process waits next: here.
                        yield_now().await;
                    }
                }
            }
            _ => {}
        }
    }
}
