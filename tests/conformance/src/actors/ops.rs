use std::time::Duration;

use otp::gen_server::{Context, Next};
use otp::{ExitReason, ReplyTo};

use super::process::{as_caller, as_process, change};
use super::worker::{Note, Worker, crash};
use crate::language::{Op, Ops};
use crate::trace::Shape;

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
            Op::Reply(value) => self.reply = Some(Shape::Json(value.clone())),
            Op::Get => self.reply = Some(Shape::Json(self.worker.value.clone())),
            Op::Set(_) | Op::Add(_) | Op::Push(_) => change(&mut self.worker.value, op),
            Op::NoReply => self.silent = true,
            Op::Defer(key) => {
                let displaced = self.worker.deferred.insert(key.clone(), self.from.take());
                self.worker.unanswered.extend(displaced.flatten());
            }
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
            // Fails only for a server that has ended.
            Op::SendSelf(ops) => self.ctx.server().info(Note::Ops(ops.clone())),
            Op::CastSelf(ops) => self.ctx.server().cast(ops.clone()),
            Op::SendAfter { delay, ops } => drop(self.ctx.send_after(*delay, Note::Ops(ops.clone()))),
            Op::Call { .. } => self.reply = Some(as_caller(op, &self.worker.world, self.ctx).await?),
            Op::Event(_) | Op::Machine(_) => crash("a worker is no machine"),
            _ => as_process(op, &self.worker.world, &self.worker.me, self.ctx).await?,
        }
        Ok(())
    }
}
