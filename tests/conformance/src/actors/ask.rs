use std::sync::Arc;

use otp::gen_server::{ServerName, ServerRef};
use otp::{CallError, ExitReason, Pid};
use serde_json::json;

use super::raw::Mail;
use super::worker::{Asked, CallFailed, Note, Worker};
use crate::language::{Label, Limit, Ops, Payload, Said};
use crate::trace::{Shape, call_reason};
use crate::world::{Actor, Book, World};

/// The worker that a label means; a name, or a key of a registry, is left for the library to look up.
pub(crate) fn server(world: &World, label: &Label, own: Pid) -> Option<ServerRef<Worker>> {
    if let Label::Named(name) = label {
        return Some(ServerRef::named(&world.system, ServerName::<Worker>::dynamic(name.clone())));
    }
    if let Label::Via(via) = label {
        return match world.registry(&via.registry)? {
            Book::Unique(unique) => Some(unique.workers.server(via.key.to_string())),
            Book::Duplicate(_) => None,
        };
    }
    match world.resolve(label, own)? {
        Actor::Worker(server) => Some(server),
        _ => None,
    }
}

/// Calls a worker: its reply, or the reason why there is none.
pub(crate) async fn ask(world: &Arc<World>, to: &Label, own: Pid, ops: &Ops, limit: Limit) -> Result<Shape, Failed> {
    let Some(server) = server(world, to, own) else {
        return Err(Failed::NoWorker);
    };
    let call = server.call(|from| Asked { ops: ops.clone(), from });
    let call = match limit {
        Limit::After(limit) => call.timeout(limit),
        Limit::Never => call.no_timeout(),
    };
    call.await.map_err(Failed::Call)
}

/// Why a call of a worker failed.
pub(crate) enum Failed {
    /// As the library says.
    Call(CallError),
    /// The callee has no such calls.
    NoWorker,
}

impl Failed {
    /// The reason that a call which is caught shows.
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Failed::Call(error) => call_reason(error),
            Failed::NoWorker => ExitReason::other(Said(json!({ "unmapped": "the callee is no worker" }))),
        }
    }

    /// The reason with which the caller ends if it does not catch it: quiet if the library's `?` makes it so.
    pub(crate) fn uncaught(self) -> ExitReason {
        if let Failed::Call(error) = &self
            && let quiet @ ExitReason::ShutdownWith(_) = ExitReason::from(error.clone())
        {
            return quiet;
        }
        ExitReason::other(CallFailed(self.reason()))
    }
}

/// Nobody holds the name that was sent to.
pub(crate) struct Refused;

/// Sends a message. One to a process that has ended vanishes, and so does one that the receiver's type excludes.
pub(crate) fn send(world: &World, to: &Label, own: Pid, payload: &Payload) -> Result<(), Refused> {
    let receiver = world.resolve(to, own).ok_or(Refused)?;
    match (receiver, payload) {
        (Actor::Worker(server), Payload::Ops(ops)) => server.info(Note::Ops(ops.clone())),
        (Actor::Worker(server), Payload::User(value)) => server.info(Note::User(value.clone())),
        (Actor::Raw(raw), Payload::User(value)) => drop(raw.process.try_send(Mail::User(value.clone()))),
        _ => {}
    }
    Ok(())
}
