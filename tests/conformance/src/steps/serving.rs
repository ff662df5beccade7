use std::collections::HashMap;
use std::sync::Arc;

use otp::behaviour::Stop;
use otp::call::Request;
use otp::{CallError, ExitReason, Pid};

use super::unfit;
use crate::actors::{Failed, agent, ask, manager_of, send, server};
use crate::language::{Label, Limit, Serving};
use crate::trace::{Shape, call_reason};
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
    }
}

pub(super) fn result(result: Result<Shape, ExitReason>) -> Shape {
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
