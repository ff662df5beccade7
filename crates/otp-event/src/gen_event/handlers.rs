//! What a manager does with its handlers.

use std::any::Any;

use otp_behaviour::{cut, keep_state, report_crash};
use otp_core::event::CrashReport;
use otp_core::{Address, ExitReason, Pid};
use otp_genserver::Info;

use super::handler::{Context, EventHandler};
use super::manager::GenEvent;
use super::name::{HandlerId, HandlerName};
use super::next::{Swapped, Then, What};
use super::occurrence::HandlerEvent;
use super::removal::{HandlerExit, HandlerExitReason, Removal};
use super::running::{Decided, Running};
use super::successor::{Begun, InitFailure, Successor};
use crate::quietly::quietly;

/// A handler in a manager.
pub(super) struct Hosted<E: Send + Sync + 'static> {
    pub(super) id: HandlerId,
    pub(super) owner: Option<Owner>,
    pub(super) running: Running<E>,
}

/// The process that is told of the end of a supervised handler, and whose end removes it.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) pid: Pid,
    pub(super) to: Address<HandlerExit>,
}

/// Whether the manager hibernates.
pub(super) type Hibernates = bool;

/// What all handlers get.
pub(super) enum News<'a, E> {
    Event(&'a E),
    Info(&'a Info<E>),
}

impl<E: Send + Sync + 'static> GenEvent<E> {
    /// The place of the newest handler with this id.
    pub(super) fn place(&self, id: &HandlerId) -> Option<usize> {
        self.handlers.iter().rposition(|hosted| hosted.id == *id)
    }

    /// Runs a callback of each handler, newest first. One that is added meanwhile, in the place of another, does not run.
    pub(super) async fn tell(&mut self, news: News<'_, E>, ctx: &mut Context<E>) -> Hibernates {
        let mut hibernates = false;
        for place in (0..self.handlers.len()).rev() {
            let handler = self.handlers[place].running.handler_mut();
            let decided = match &news {
                News::Event(event) => handler.run_event(event, ctx).await,
                News::Info(info) => handler.run_info(info, ctx).await,
            };
            hibernates |= self.carry_out(place, decided, ctx).await.0;
        }
        hibernates
    }

    /// Does what a callback of the handler at `place` decided; returns why the handler was removed, if it failed.
    pub(super) async fn carry_out(
        &mut self,
        place: usize,
        decided: Decided<E>,
        ctx: &mut Context<E>,
    ) -> (Hibernates, Option<ExitReason>) {
        let Then { what, mut hibernates, reply } = match decided {
            Ok(then) => then,
            Err(reason) => {
                let hosted = self.handlers.remove(place);
                let exit = HandlerExitReason::Crashed(reason.clone());
                let left = hosted.end(Removal::Crashed(reason.clone()), exit, ctx).await;
                quietly(|| drop(left));
                return (false, Some(reason));
            }
        };
        match what {
            What::Stay => {}
            What::Remove => {
                let hosted = self.handlers.remove(place);
                let left = hosted.end(Removal::Removed, HandlerExitReason::Normal, ctx).await;
                quietly(|| drop(left));
            }
            What::Swap(args, new) => {
                let hosted = self.handlers.remove(place);
                let owner = hosted.owner.clone();
                let id = new.id.clone();
                let old = hosted.swap(args, &id, owner.as_ref(), ctx).await;
                match new.init(old, ctx).await {
                    Ok(Begun { handler, hibernates: also }) => {
                        hibernates |= also;
                        self.handlers.insert(place, Hosted { id, owner, running: handler });
                    }
                    Err(failure) => {
                        report(ctx, &id, failure.reason(), None);
                        let exit = match failure {
                            InitFailure::Refused(reason) => HandlerExitReason::Refused(reason),
                            InitFailure::Crashed(reason) => HandlerExitReason::Crashed(reason),
                        };
                        tell(owner.as_ref(), id, exit, ctx);
                    }
                }
            }
        }
        if let Some(reply) = reply {
            quietly(reply);
        }
        (hibernates, None)
    }

    /// Adds a handler. With an owner it is supervised.
    pub(super) async fn add(
        &mut self,
        new: Successor<E>,
        old: Swapped<Box<dyn Any + Send>>,
        owner: Option<Owner>,
        ctx: &mut Context<E>,
    ) -> Result<Hibernates, InitFailure> {
        if let Some(owner) = &owner {
            // If it has ended, an exit message comes that removes the handler. As in OTP, the link stays when the handler has
            // gone: other handlers may have the same owner.
            let _ = ctx.link(owner.pid);
        }
        let id = new.id.clone();
        let begun = new.init(old, ctx).await.inspect_err(|failure| {
            if let InitFailure::Crashed(reason) = failure {
                report(ctx, &id, reason, None);
            }
        });
        let Begun { handler, hibernates } = begun?;
        self.handlers.push(Hosted { id, owner, running: handler });
        Ok(hibernates)
    }

    /// Removes the supervised handlers of a process that has ended.
    pub(super) async fn owner_ended(&mut self, owner: Pid, reason: &ExitReason, ctx: &mut Context<E>) {
        for place in (0..self.handlers.len()).rev() {
            if self.handlers[place].owner.as_ref().is_some_and(|its| its.pid == owner) {
                let mut hosted = self.handlers.remove(place);
                hosted.owner = None;
                let left = hosted.end(Removal::OwnerExited(reason.clone()), HandlerExitReason::Shutdown, ctx).await;
                quietly(|| drop(left));
            }
        }
    }

    /// Terminates all handlers, newest first.
    pub(super) async fn stop_handlers(&mut self, ctx: &mut Context<E>) {
        while let Some(hosted) = self.handlers.pop() {
            let owner = hosted.owner.as_ref().map(|owner| owner.pid);
            let left = hosted.end(Removal::Stop, HandlerExitReason::Shutdown, ctx).await;
            quietly(|| drop(left));
            // It has been told. The end of the manager is not to end it, unless it started it.
            if let Some(owner) = owner.filter(|owner| *owner != ctx.parent()) {
                ctx.unlink(owner);
            }
        }
    }

    /// The newest handler with this name.
    pub fn handler<H: EventHandler<Event = E>>(&self, name: &HandlerName<H>) -> Option<&H> {
        let place = self.place(&name.id())?;
        self.handlers[place].running.handler().as_any().downcast_ref()
    }

    /// The newest handler with this name, to be changed.
    pub fn handler_mut<H: EventHandler<Event = E>>(&mut self, name: &HandlerName<H>) -> Option<&mut H> {
        let place = self.place(&name.id())?;
        self.handlers[place].running.handler_mut().as_any_mut().downcast_mut()
    }

    /// The handlers, in the order in which they get events: newest first. With the state of each, to be looked at by
    /// `downcast_ref`.
    pub fn handlers(&self) -> impl Iterator<Item = (&HandlerId, &dyn Any)> {
        self.handlers.iter().rev().map(|hosted| (&hosted.id, hosted.running.handler().as_any()))
    }

    /// As [`handlers`](GenEvent::handlers), to be changed.
    pub fn handlers_mut(&mut self) -> impl Iterator<Item = (&HandlerId, &mut dyn Any)> {
        self.handlers.iter_mut().rev().map(|hosted| (&hosted.id, hosted.running.handler_mut().as_any_mut()))
    }
}

impl<E: Send + Sync + 'static> Hosted<E> {
    /// Terminates a handler that is no longer in its manager, and tells its owner; returns what is left of it.
    pub(super) async fn end(
        mut self,
        why: Removal,
        exit: HandlerExitReason,
        ctx: &mut Context<E>,
    ) -> Result<Box<dyn Any + Send>, ExitReason> {
        if let HandlerExitReason::Crashed(reason) = &exit {
            report(ctx, &self.id, reason, Some(&self.running));
        }
        let ended = self.running.handler_mut().run_terminate(&why, ctx).await;
        if let Err(reason) = &ended {
            report(ctx, &self.id, reason, Some(&self.running));
        }
        tell(self.owner.as_ref(), self.id, exit, ctx);
        match ended {
            Ok(()) => Ok(self.running.into_any()),
            Err(reason) => Err(reason),
        }
    }

    /// Terminates a handler whose place another one takes.
    pub(super) async fn swap(
        self,
        args: otp_core::Term,
        to: &HandlerId,
        owner: Option<&Owner>,
        ctx: &mut Context<E>,
    ) -> Swapped<Box<dyn Any + Send>> {
        let exit = HandlerExitReason::Swapped { to: to.clone(), owner: owner.map(|owner| owner.pid) };
        self.end(Removal::Deleted(args), exit, ctx).await.map_or_else(Swapped::Crashed, Swapped::Handler)
    }
}

/// Reports that a callback of a handler failed.
fn report<E: Send + Sync + 'static>(
    ctx: &Context<E>,
    handler: &HandlerId,
    reason: &ExitReason,
    running: Option<&Running<E>>,
) {
    let state = || running.and_then(|running| running.handler().own_status());
    if let ExitReason::Error(crash) = reason {
        keep_state(ctx, reason, state);
        report_crash(ctx, crash);
    }
    let (manager, handler, reason) = (ctx.pid(), handler.clone(), reason.clone());
    ctx.system().report(|| {
        let state = state().map(|state| cut(state, CrashReport::STATE).into());
        HandlerEvent::Failed { manager, handler, reason, state }
    });
}

/// Tells the owner of a handler. Its conversion of the message may panic, which is no business of the manager.
fn tell<E: Send + Sync + 'static>(
    owner: Option<&Owner>,
    handler: HandlerId,
    reason: HandlerExitReason,
    ctx: &Context<E>,
) {
    let Some(owner) = owner else { return };
    let exit = HandlerExit { manager: ctx.pid(), handler, reason };
    quietly(|| drop(owner.to.try_send(exit)));
}
