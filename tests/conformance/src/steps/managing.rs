use otp::Address;
use otp::gen_event::{AddHandlerError, CallHandlerError, DeleteHandlerError, GenEvent, HandlerExit, HandlerExitReason};
use otp::sys::{self, SysError};
use serde_json::{Value, json};

use super::inspecting::limited;
use super::unfit;
use crate::actors::{
    Desk, Events, Handler, HandlerArgs, HandlerCall, Mail, crash, handler_args, handler_name, manager, successor,
};
use crate::language::{Label, Limit, Managing, Payload, Replacing};
use crate::trace::{Shape, call_reason};
use crate::world::World;

pub(super) async fn perform(managing: &Managing, desk: &mut Desk) -> Shape {
    let world = desk.world.clone();
    let found = |label: &Label| manager(&world, label, desk.ctx.pid());
    let owner = || Address::from(desk.ctx.this()).map_message(Mail::Handler);
    let absent = || unfit("there is no such manager");
    match managing {
        Managing::Add { to, handler, supervised } => {
            let Some(manager) = found(to) else { return absent() };
            let args = HandlerArgs { world: world.clone(), spec: handler.clone(), old: None };
            let adding = manager.add_handler(&handler_name(&handler.id), args);
            added(if *supervised { adding.supervised(owner()).await } else { adding.await })
        }
        Managing::Swap { to, old, args, handler, supervised } => {
            let Some(manager) = found(to) else { return absent() };
            let make = successor(&world, handler);
            let swapping = manager.swap_handler(&handler_name(old), &handler_name(&handler.id), make);
            let swapping = swapping.args(handler_args(args));
            added(if *supervised { swapping.supervised(owner()).await } else { swapping.await })
        }
        Managing::Delete { to, handler, args } => {
            let Some(manager) = found(to) else { return absent() };
            match manager.delete_handler(&handler_name(handler)).args(handler_args(args)).await {
                Ok(handler) => Shape::ok(handler.left()),
                Err(DeleteHandlerError::NotFound { .. }) => Shape::error(Shape::word("not_found")),
                Err(DeleteHandlerError::Crashed { reason, .. }) => Shape::ok(Shape::tagged("crash", reason)),
                Err(DeleteHandlerError::Call(error)) => Shape::fail(call_reason(error)),
                Err(other) => unfit(&other.to_string()),
            }
        }
        Managing::Notify { to, event } => {
            let Some(manager) = found(to) else { return absent() };
            match (manager.try_notify(event.clone()), to) {
                (Err(_), Label::Named(_)) => Shape::fail(Shape::word("refused")),
                _ => Shape::done(),
            }
        }
        Managing::SyncNotify { to, event } => {
            let Some(manager) = found(to) else { return absent() };
            match manager.sync_notify(event.clone()).no_timeout().await {
                Ok(()) => Shape::done(),
                Err(error) => Shape::fail(call_reason(error)),
            }
        }
        Managing::Call { to, handler, ops, limit } => {
            let Some(manager) = found(to) else { return absent() };
            let call = manager.call(&handler_name(handler), |from| HandlerCall { ops: ops.clone(), from });
            let call = match limit {
                Limit::After(limit) => call.timeout(*limit),
                Limit::Never => call.no_timeout(),
            };
            match call.await {
                Ok(reply) => Shape::ok(reply),
                Err(CallHandlerError::NotFound { .. }) => Shape::error(Shape::word("not_found")),
                Err(CallHandlerError::Crashed { reason, .. }) => Shape::error(Shape::tagged("crash", reason)),
                Err(CallHandlerError::Call(error)) => Shape::fail(call_reason(error)),
                Err(other) => unfit(&other.to_string()),
            }
        }
        Managing::Which(to) => {
            let Some(manager) = found(to) else { return absent() };
            match manager.which_handlers().await {
                Ok(ids) => Shape::List(ids.iter().map(|id| Shape::word(id.name().unwrap_or_default())).collect()),
                Err(error) => Shape::fail(call_reason(error)),
            }
        }
    }
}

fn added(added: Result<(), AddHandlerError>) -> Shape {
    match added {
        Ok(()) => Shape::done(),
        Err(AddHandlerError::Refused { reason, .. }) => Shape::error(reason),
        Err(AddHandlerError::Crashed { reason, .. }) => Shape::tagged("crash", reason),
        Err(AddHandlerError::Call(error)) => Shape::fail(call_reason(error)),
        Err(other) => unfit(&other.to_string()),
    }
}

/// What the owner of a handler is told.
pub(super) fn exited(exit: HandlerExit) -> Shape {
    let reason = match exit.reason {
        HandlerExitReason::Normal => Shape::word("normal"),
        HandlerExitReason::Shutdown => Shape::word("shutdown"),
        HandlerExitReason::Crashed(reason) => Shape::tagged("crash", reason),
        HandlerExitReason::Refused(reason) => Shape::tagged("error", reason),
        HandlerExitReason::Swapped { to, owner, .. } => {
            let parts = vec![("by", Shape::from(owner)), ("to", Shape::word(to.name().unwrap_or_default()))];
            Shape::tagged("swapped", Shape::Object(parts))
        }
        other => Shape::word(&format!("{other:?}")),
    };
    let handler = Shape::word(exit.handler.name().unwrap_or_default());
    Shape::tagged("handler_exit", Shape::Object(vec![("handler", handler), ("reason", reason)]))
}

/// The handlers with their values.
pub(super) async fn state(manager: &Events, limit: Limit, world: &World) -> Result<Value, SysError> {
    limited(sys::get_state(&world.system, manager, |all: &GenEvent<Payload>| values(all)), limit).await
}

/// Gives all handlers another value.
pub(super) async fn replace_state(
    manager: &Events,
    by: Replacing,
    limit: Limit,
    world: &World,
) -> Result<Value, SysError> {
    let replace = move |all: &mut GenEvent<Payload>| {
        for handler in all.handlers_mut().filter_map(|(_, handler)| handler.downcast_mut::<Handler>()) {
            by.crash.as_deref().map(crash);
            handler.value = by.value.clone().unwrap_or_else(|| handler.value.clone());
        }
        values(all)
    };
    limited(sys::replace_state(&world.system, manager, replace), limit).await
}

fn values(all: &GenEvent<Payload>) -> Value {
    let one = |(id, handler): (&otp::gen_event::HandlerId, &dyn std::any::Any)| {
        let value = handler.downcast_ref::<Handler>().map(|handler| handler.value.clone());
        json!({ "handler": id.name(), "value": value })
    };
    all.handlers().map(one).collect()
}
