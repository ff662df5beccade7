use std::sync::Arc;

use otp::behaviour::Stop;
use otp::call::BoxCall;
use otp::gen_server::{ServerName, ServerRef};
use otp::process::Target;
use otp::statem::MachineRef;
use otp::{CallError, ExitReason, Pid};
use serde_json::json;

use super::machine::{MachineCall, Runner};
use super::raw::Mail;
use super::worker::{Asked, CallFailed, Note, Worker};
use crate::language::{Label, Limit, Ops, Payload, Said};
use crate::trace::{Shape, call_reason};
use crate::world::{Actor, Book, World};

/// A server of one of the kinds that scenarios call.
#[derive(Clone)]
pub(crate) enum Server {
    Worker(ServerRef<Worker>),
    Machine(MachineRef<Runner>),
}

impl Server {
    pub(crate) fn call(&self, ops: Ops) -> BoxCall<Shape> {
        match self {
            Server::Worker(server) => server.call(|from| Asked { ops, from }).into(),
            Server::Machine(machine) => machine.call(|from| MachineCall { ops, from: Some(from) }).into(),
        }
    }

    pub(crate) fn cast(&self, ops: Ops) {
        match self {
            Server::Worker(server) => server.cast(ops),
            Server::Machine(machine) => machine.cast(ops),
        }
    }

    pub(crate) fn stop(&self) -> Stop {
        match self {
            Server::Worker(server) => server.stop(),
            Server::Machine(machine) => machine.stop(),
        }
    }

    pub(crate) fn target(&self) -> Target {
        match self {
            Server::Worker(server) => server.into(),
            Server::Machine(machine) => machine.into(),
        }
    }
}

/// The server that a label means; a name, or a key of a registry, is left for the library to look up.
pub(crate) fn server(world: &World, label: &Label, own: Pid) -> Option<Server> {
    let actor = world.resolve(label, own);
    if let Label::Named(name) = label {
        let (system, name) = (&world.system, name.clone());
        return Some(match actor {
            Some(Actor::Machine(_)) => Server::Machine(ServerRef::named(system, ServerName::dynamic(name))),
            _ => Server::Worker(ServerRef::named(system, ServerName::dynamic(name))),
        });
    }
    if let Label::Via(via) = label {
        let Book::Unique(unique) = world.registry(&via.registry)? else { return None };
        let key = via.key.to_string();
        return Some(match unique.machines.lookup(&key) {
            Some(_) => Server::Machine(unique.machines.server(key)),
            None => Server::Worker(unique.workers.server(key)),
        });
    }
    match actor? {
        Actor::Worker(server) => Some(Server::Worker(server)),
        Actor::Machine(machine) => Some(Server::Machine(machine)),
        _ => None,
    }
}

/// Calls a server: its reply, or the reason why there is none.
pub(crate) async fn ask(world: &Arc<World>, to: &Label, own: Pid, ops: &Ops, limit: Limit) -> Result<Shape, Failed> {
    let Some(server) = server(world, to, own) else {
        return Err(Failed::NoServer);
    };
    let call = server.call(ops.clone());
    let call = match limit {
        Limit::After(limit) => call.timeout(limit),
        Limit::Never => call.no_timeout(),
    };
    call.await.map_err(Failed::Call)
}

/// Why a call of a server failed.
pub(crate) enum Failed {
    /// As the library says.
    Call(CallError),
    /// The callee has no such calls.
    NoServer,
}

impl Failed {
    /// The reason that a call which is caught shows.
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Failed::Call(error) => call_reason(error),
            Failed::NoServer => ExitReason::other(Said(json!({ "unmapped": "the callee is no server" }))),
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
    deliver(world.resolve(to, own).ok_or(Refused)?, payload);
    Ok(())
}

/// The same for a known receiver.
pub(crate) fn deliver(to: Actor, payload: &Payload) {
    match (to, payload) {
        (Actor::Worker(server), Payload::Ops(ops)) => server.info(Note::Ops(ops.clone())),
        (Actor::Worker(server), Payload::User(value)) => server.info(Note::User(value.clone())),
        (Actor::Machine(machine), Payload::Ops(ops)) => machine.info(Note::Ops(ops.clone())),
        (Actor::Machine(machine), Payload::User(value)) => machine.info(Note::User(value.clone())),
        (Actor::Manager(manager), payload) => manager.info(payload.clone()),
        (Actor::Raw(raw), Payload::User(value)) => drop(raw.process.try_send(Mail::User(value.clone()))),
        _ => {}
    }
}
