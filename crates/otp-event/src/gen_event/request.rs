use std::any::Any;
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use otp_behaviour::contain_future;
use otp_core::{Callee, Doing, ExitReason, ReplyTo, Term};

use super::error::{AddHandlerError, DeleteHandlerError};
use super::handler::{Context, EventHandler};
use super::handlers::{Hibernates, Hosted, Owner};
use super::manager::GenEvent;
use super::name::{HandlerId, HandlerName};
use super::next::Swapped;
use super::removal::{HandlerExitReason, Removal};
use super::running::failing;
use super::successor::{InitFailure, Successor};
use crate::quietly::quietly;

/// A request to a manager; [`GenEventRef`](super::GenEventRef) makes and sends it.
pub struct Request<E: Send + Sync + 'static>(pub(super) Ask<E>);

pub(super) enum Ask<E: Send + Sync + 'static> {
    SyncNotify(E, ReplyTo<()>),
    WhichHandlers(ReplyTo<Vec<HandlerId>>),
    /// What depends on the type of a handler.
    Typed(Box<dyn Operation<E>>),
}

/// A request that knows the type of a handler.
pub(super) trait Operation<E: Send + Sync + 'static>: Send {
    fn run<'a>(self: Box<Self>, manager: &'a mut GenEvent<E>, ctx: &'a mut Context<E>) -> BoxFuture<'a, Hibernates>;

    fn name(&self) -> &'static str;
}

/// A call to one handler.
pub(super) struct CallOne<H: EventHandler> {
    pub(super) name: HandlerName<H>,
    pub(super) call: H::Call,
    pub(super) failure: Arc<OnceLock<CallFailure>>,
}

/// Why a call got no answer, as far as the manager knows. It says so before it drops the reply token.
pub(super) enum CallFailure {
    NotFound,
    Failed(ExitReason),
}

pub(super) struct Add<E: Send + Sync + 'static> {
    pub(super) new: Successor<E>,
    pub(super) owner: Option<Owner>,
    pub(super) from: ReplyTo<Result<(), AddHandlerError>>,
}

pub(super) struct Swap<E: Send + Sync + 'static> {
    pub(super) old: HandlerId,
    pub(super) args: Term,
    pub(super) new: Successor<E>,
    pub(super) owner: Option<Owner>,
    pub(super) from: ReplyTo<Result<(), AddHandlerError>>,
}

pub(super) struct Delete<H: EventHandler> {
    pub(super) name: HandlerName<H>,
    pub(super) args: Term,
    pub(super) from: ReplyTo<Result<H, DeleteHandlerError>>,
}

impl<H: EventHandler> Operation<H::Event> for CallOne<H> {
    fn run<'a>(
        self: Box<Self>,
        manager: &'a mut GenEvent<H::Event>,
        ctx: &'a mut Context<H::Event>,
    ) -> BoxFuture<'a, Hibernates> {
        Box::pin(async move {
            let CallOne { name, call, failure } = *self;
            let found = manager.place(&name.id()).and_then(|place| {
                let handler = manager.handlers[place].running.handler_mut().as_any_mut().downcast_mut::<H>()?;
                Some((place, handler))
            });
            let Some((place, handler)) = found else {
                let _ = failure.set(CallFailure::NotFound);
                quietly(|| drop(call));
                return false;
            };
            ctx.set_doing(Doing::new(otp_behaviour::short_name::<H>));
            let decided = failing(contain_future(|| handler.handle_call(call, ctx)).await);
            let (hibernates, failed) = manager.carry_out(place, decided.map(|next| next.then), ctx).await;
            if let Some(reason) = failed {
                let _ = failure.set(CallFailure::Failed(reason));
            }
            hibernates
        })
    }

    fn name(&self) -> &'static str {
        "a call to a handler"
    }
}

impl<E: Send + Sync + 'static> Operation<E> for Add<E> {
    fn run<'a>(self: Box<Self>, manager: &'a mut GenEvent<E>, ctx: &'a mut Context<E>) -> BoxFuture<'a, Hibernates> {
        Box::pin(async move {
            let Add { new, owner, from } = *self;
            let id = new.id.clone();
            let added = manager.add(new, Swapped::Absent, owner, ctx).await;
            answer(added, id, from)
        })
    }

    fn name(&self) -> &'static str {
        "add_handler"
    }
}

impl<E: Send + Sync + 'static> Operation<E> for Swap<E> {
    fn run<'a>(self: Box<Self>, manager: &'a mut GenEvent<E>, ctx: &'a mut Context<E>) -> BoxFuture<'a, Hibernates> {
        Box::pin(async move {
            let Swap { old, args, new, owner, from } = *self;
            let id = new.id.clone();
            let (old, owner) = match manager.place(&old) {
                Some(place) => {
                    let hosted = manager.handlers.remove(place);
                    let owner = owner.or_else(|| hosted.owner.clone());
                    (hosted.swap(args, &id, owner.as_ref(), ctx).await, owner)
                }
                None => (Swapped::Absent, owner),
            };
            let added = manager.add(new, old, owner, ctx).await;
            answer(added, id, from)
        })
    }

    fn name(&self) -> &'static str {
        "swap_handler"
    }
}

impl<H: EventHandler> Operation<H::Event> for Delete<H> {
    fn run<'a>(
        self: Box<Self>,
        manager: &'a mut GenEvent<H::Event>,
        ctx: &'a mut Context<H::Event>,
    ) -> BoxFuture<'a, Hibernates> {
        Box::pin(async move {
            let Delete { name, args, from } = *self;
            let handler = name.id();
            let Some(place) = manager.place(&handler) else {
                from.reply(Err(DeleteHandlerError::NotFound { manager: callee(ctx), handler }));
                return false;
            };
            let hosted: Hosted<H::Event> = manager.handlers.remove(place);
            let ended = hosted.end(Removal::Deleted(args), HandlerExitReason::Normal, ctx).await;
            let answer = match ended.map(<Box<dyn Any + Send>>::downcast::<H>) {
                Ok(Ok(handler)) => Ok(*handler),
                Ok(Err(_)) => Err(DeleteHandlerError::NotFound { manager: callee(ctx), handler }),
                Err(reason) => Err(DeleteHandlerError::Crashed { handler, reason }),
            };
            // Who asked may have given up, and then the handler is dropped here.
            quietly(|| from.reply(answer));
            false
        })
    }

    fn name(&self) -> &'static str {
        "delete_handler"
    }
}

fn callee<E: Send + Sync + 'static>(ctx: &Context<E>) -> Callee {
    Callee::from(&**ctx)
}

fn answer(
    added: Result<Hibernates, InitFailure>,
    handler: HandlerId,
    from: ReplyTo<Result<(), AddHandlerError>>,
) -> Hibernates {
    let (hibernates, answer) = match added {
        Ok(hibernates) => (hibernates, Ok(())),
        Err(InitFailure::Refused(reason)) => (false, Err(AddHandlerError::Refused { handler, reason })),
        Err(InitFailure::Crashed(reason)) => (false, Err(AddHandlerError::Crashed { handler, reason })),
    };
    from.reply(answer);
    hibernates
}
