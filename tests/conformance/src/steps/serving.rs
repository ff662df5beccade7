use std::collections::HashMap;
use std::sync::Arc;

use otp::behaviour::Stop;
use otp::call::Request;
use otp::process::Target;
use otp::statem::Machine;
use otp::{CallError, ExitReason, Pid, System, sys};
use serde_json::Value;

use super::{managing, unfit};
use crate::actors::{Events, Failed, Held, Runner, Server, Worker, agent, ask, manager, send, server};
use crate::language::{Label, Limit, Serving};
use crate::trace::{Shape, call_reason, sys_reason};
use crate::world::{Actor, SupervisorKind, World};

/// The requests of a process that are under way, by their labels.
///
/// One that has been answered, or given up, is kept as `None`: asked again, it waits in vain, as in OTP.
pub(crate) type Requests = HashMap<String, Option<Request<Shape>>>;

pub(super) async fn perform(serving: &Serving, world: &Arc<World>, own: Pid, requests: &mut Requests) -> Shape {
    match serving {
        Serving::Call { to, ops, limit } => result(ask(world, to, own, ops, *limit).await.map_err(Failed::reason)),
        Serving::Cast { to, ops } => {
            if let Some(server) = server(world, to, own) {
                server.cast(ops.clone());
            }
            Shape::done()
        }
        Serving::Send { to, payload } => match send(world, to, own, payload) {
            Ok(()) => Shape::done(),
            Err(_) => Shape::fail(Shape::word("refused")),
        },
        Serving::SendRequest { to, ops, name } => {
            let Some(server) = server(world, to, own) else { return unfit("the callee is no server") };
            requests.insert(name.clone(), Some(server.call(ops.clone()).send_request()));
            Shape::done()
        }
        Serving::ReceiveResponse { request, limit } => {
            let Some(waiting) = requests.get_mut(request) else { return unfit("there is no such request") };
            match waiting.take() {
                Some(request) => response(request.receive(limit.duration()).await),
                None => response(None),
            }
        }
        Serving::WaitResponse { request, limit } => {
            let Some(waiting) = requests.get_mut(request) else { return unfit("there is no such request") };
            let Some(request) = waiting else { return response(None) };
            let answer = request.wait(limit.duration()).await;
            if answer.is_some() {
                *waiting = None;
            }
            response(answer)
        }
        Serving::Stop { to, reason, limit } => stop(to, reason, *limit, world, own).await,
        Serving::State(to) => state(to, world, own).await,
        Serving::ReplaceState { to, state, value } => replace_state(to, state, value, world, own).await,
        Serving::Suspend(to) => suspend_or_resume(to, true, world, own).await,
        Serving::Resume(to) => suspend_or_resume(to, false, world, own).await,
    }
}

/// The manager that a label means now.
fn manager_of(world: &World, label: &Label, own: Pid) -> Option<Events> {
    matches!(world.resolve(label, own), Some(Actor::Manager(_))).then(|| manager(world, label, own)).flatten()
}

async fn state(of: &Label, world: &World, own: Pid) -> Shape {
    if let Some(agent) = agent(world, of, own) {
        let held = sys::get_state(&world.system, &agent, |held: &Held| held.value.clone()).await;
        return result(held.map(Shape::Json).map_err(sys_reason));
    }
    if let Some(manager) = manager_of(world, of, own) {
        return managing::state(&manager, world).await;
    }
    let read = match server(world, of, own) {
        Some(Server::Worker(server)) => sys::get_state(&world.system, &server, Worker::value).await,
        Some(Server::Machine(machine)) => sys::get_state(&world.system, &machine, Runner::look).await,
        None => return unfit("no server has a state"),
    };
    result(read.map(Shape::Json).map_err(sys_reason))
}

async fn replace_state(of: &Label, state: &Option<String>, value: &Option<Value>, world: &World, own: Pid) -> Shape {
    let (state, value) = (state.clone(), value.clone());
    if let Some(manager) = manager_of(world, of, own) {
        return managing::replace_state(&manager, value.unwrap_or_default(), world).await;
    }
    let replaced = match server(world, of, own) {
        Some(Server::Worker(server)) => {
            let replace = move |worker: &mut Worker| {
                worker.set_value(value.unwrap_or_default());
                worker.value()
            };
            sys::replace_state(&world.system, &server, replace).await
        }
        Some(Server::Machine(machine)) => {
            let replace = move |machine: &mut Machine<Runner>| Runner::replace(machine, state, value);
            sys::replace_state(&world.system, &machine, replace).await
        }
        None => return unfit("no server has a state"),
    };
    result(replaced.map(Shape::Json).map_err(sys_reason))
}

fn result(result: Result<Shape, ExitReason>) -> Shape {
    match result {
        Ok(value) => Shape::ok(value),
        Err(reason) => Shape::fail(reason),
    }
}

fn response(answer: Option<Result<Shape, CallError>>) -> Shape {
    match answer {
        Some(answer) => result(answer.map_err(call_reason)),
        None => Shape::word("timeout"),
    }
}

async fn stop(to: &Label, reason: &ExitReason, limit: Limit, world: &World, own: Pid) -> Shape {
    if let Some(agent) = agent(world, to, own) {
        return stop_server(agent.stop(), reason, limit).await;
    }
    if let Some(manager) = manager_of(world, to, own) {
        return stop_server(manager.stop(), reason, limit).await;
    }
    if let Some(server) = server(world, to, own) {
        return stop_server(server.stop(), reason, limit).await;
    }
    match world.resolve(to, own) {
        Some(Actor::Supervisor(SupervisorKind::Static(one))) => stop_server(one.stop(), reason, limit).await,
        Some(Actor::Supervisor(SupervisorKind::Template(one))) => stop_server(one.stop(), reason, limit).await,
        Some(Actor::Supervisor(SupervisorKind::Dynamic(one))) => stop_server(one.stop(), reason, limit).await,
        _ => unfit("only servers stop"),
    }
}

async fn stop_server(stop: Stop, reason: &ExitReason, limit: Limit) -> Shape {
    let stop = stop.reason(reason.clone());
    let stopped = match limit {
        Limit::After(limit) => stop.timeout(limit).await,
        Limit::Never => stop.await,
    };
    match stopped {
        Ok(()) => Shape::done(),
        Err(error) => Shape::fail(error),
    }
}

async fn suspend_or_resume(to: &Label, suspend: bool, world: &World, own: Pid) -> Shape {
    if let Some(manager) = manager_of(world, to, own) {
        return switch(&world.system, &manager, suspend).await;
    }
    if let Some(server) = server(world, to, own) {
        return switch(&world.system, server.target(), suspend).await;
    }
    match world.resolve(to, own) {
        Some(Actor::Supervisor(SupervisorKind::Static(one))) => switch(one.system(), &one, suspend).await,
        Some(Actor::Supervisor(SupervisorKind::Template(one))) => switch(one.system(), &one, suspend).await,
        Some(Actor::Supervisor(SupervisorKind::Dynamic(one))) => switch(one.system(), &one, suspend).await,
        _ => unfit("only servers are suspended"),
    }
}

async fn switch(system: &System, server: impl Into<Target>, suspend: bool) -> Shape {
    let asked = if suspend { sys::suspend(system, server) } else { sys::resume(system, server) };
    match asked.await {
        Ok(()) => Shape::done(),
        Err(error) => Shape::fail(sys_reason(error)),
    }
}
