use otp::process::{Target, Term};
use otp::statem::Machine;
use otp::sys::{self, Ask, CodeChangeError, DebugId, Mode, ProcessStatus, SysError, What};
use otp::{ExitReason, Pid, System};
use serde_json::json;

use super::serving::result;
use super::{managing, unfit};
use crate::actors::{Held, Runner, Server, Worker, agent, manager_of, server};
use crate::language::{CodeChange, Inspecting, Label, Limit, Replacing, Switch, SysRequest};
use crate::trace::{Shape, call_reason, sys_reason};
use crate::world::World;

pub(super) async fn perform(inspecting: &Inspecting, world: &World, own: Pid) -> Shape {
    let Inspecting { to, limit, request } = inspecting;
    match request {
        SysRequest::State => return state(to, *limit, world, own).await,
        SysRequest::ReplaceState(by) => return replace_state(to, by.clone(), *limit, world, own).await,
        _ => {}
    }
    let Some(target) = target(to, world, own) else { return unfit("nobody is meant") };
    let (system, to) = (&world.system, target.clone());
    let answer = match request {
        SysRequest::Status => {
            let status = limited(sys::status(system, to), *limit).await;
            return result(status.map(|it| status_of(it, kind(inspecting, world, own))).map_err(call_reason));
        }
        SysRequest::ChangeCode(change) => return change_code(system, to, change.clone(), *limit).await,
        SysRequest::Suspend => limited(sys::suspend(system, to), *limit).await.map(|()| Shape::done()),
        SysRequest::Resume => limited(sys::resume(system, to), *limit).await.map(|()| Shape::done()),
        SysRequest::Statistics(switch) => statistics(system, to, *switch).await,
        SysRequest::Log(switch) => log(system, to, *switch).await,
        SysRequest::Trace(on) => trace(world, target, *on).await,
        SysRequest::NoDebug => sys::no_debug(system, to).await.map(|()| Shape::done()),
        SysRequest::State | SysRequest::ReplaceState(_) => unreachable!("done above"),
    };
    answer.unwrap_or_else(|error| Shape::fail(sys_reason(error)))
}

pub(super) fn limited<R: Send + 'static, E: Send + 'static>(ask: Ask<R, E>, limit: Limit) -> Ask<R, E> {
    match limit {
        Limit::After(limit) => ask.timeout(limit),
        Limit::Never => ask.no_timeout(),
    }
}

/// Whom a label means: a server is left for the library to look up, any other process is meant by its pid.
fn target(to: &Label, world: &World, own: Pid) -> Option<Target> {
    if let Some(manager) = manager_of(world, to, own) {
        return Some((&manager).into());
    }
    match server(world, to, own) {
        Some(server) => Some(server.target()),
        None => world.resolve(to, own)?.pid().map(Target::from),
    }
}

async fn state(of: &Label, limit: Limit, world: &World, own: Pid) -> Shape {
    let system = &world.system;
    if let Some(agent) = agent(world, of, own) {
        let held = limited(sys::get_state(system, &agent, |held: &Held| held.value.clone()), limit).await;
        return result(held.map(Shape::Json).map_err(sys_reason));
    }
    if let Some(manager) = manager_of(world, of, own) {
        return result(managing::state(&manager, limit, world).await.map(Shape::Json).map_err(sys_reason));
    }
    let read = match server(world, of, own) {
        Some(Server::Worker(server)) => limited(sys::get_state(system, &server, Worker::look), limit).await,
        Some(Server::Machine(machine)) => limited(sys::get_state(system, &machine, Runner::look), limit).await,
        None => return unfit("no server has a state"),
    };
    result(read.map(Shape::Json).map_err(sys_reason))
}

async fn replace_state(of: &Label, by: Replacing, limit: Limit, world: &World, own: Pid) -> Shape {
    let system = &world.system;
    if let Some(manager) = manager_of(world, of, own) {
        return result(managing::replace_state(&manager, by, limit, world).await.map(Shape::Json).map_err(sys_reason));
    }
    let replaced = match server(world, of, own) {
        Some(Server::Worker(server)) => {
            let replace = move |worker: &mut Worker| worker.replace(by);
            limited(sys::replace_state(system, &server, replace), limit).await
        }
        Some(Server::Machine(machine)) => {
            let replace = move |machine: &mut Machine<Runner>| Runner::replace(machine, by);
            limited(sys::replace_state(system, &machine, replace), limit).await
        }
        None => return unfit("no server has a state"),
    };
    result(replaced.map(Shape::Json).map_err(sys_reason))
}

/// The word for the kind of a server.
fn kind(inspecting: &Inspecting, world: &World, own: Pid) -> &'static str {
    if manager_of(world, &inspecting.to, own).is_some() {
        return "manager";
    }
    match server(world, &inspecting.to, own) {
        Some(Server::Worker(_)) => "worker",
        Some(Server::Machine(_)) => "machine",
        None => "none",
    }
}

fn status_of(status: ProcessStatus, kind: &'static str) -> Shape {
    // In OTP's words a server has a parent if it was started with a link, and is its own otherwise.
    let info = status.info;
    let parent = if info.links.contains(&info.parent) { info.parent } else { info.pid };
    let mode = if status.mode == Mode::Suspended { "suspended" } else { "running" };
    Shape::Object(vec![
        ("kind", Shape::word(kind)),
        ("status", Shape::word(mode)),
        ("parent", Shape::Who(parent)),
        ("debug", Shape::Json(json!(status.debug))),
    ])
}

async fn change_code(system: &System, server: Target, change: CodeChange, limit: Limit) -> Shape {
    match limited(sys::change_code(system, server, Term::new(change)), limit).await {
        Ok(()) => Shape::done(),
        Err(CodeChangeError::NotSuspended(_)) => Shape::error(Shape::word("not_suspended")),
        Err(CodeChangeError::Refused { reason: crash @ ExitReason::Error(_), .. }) => Shape::tagged("crash", crash),
        Err(CodeChangeError::Refused { reason, .. }) => Shape::error(reason),
        Err(CodeChangeError::Sys(error)) => Shape::fail(sys_reason(error)),
        Err(other) => Shape::fail(Shape::word(&other.to_string())),
    }
}

async fn statistics(system: &System, of: Target, switch: Switch) -> Result<Shape, SysError> {
    if let Switch::On | Switch::Off = switch {
        sys::keep_statistics(system, of, switch == Switch::On).await?;
        return Ok(Shape::done());
    }
    let counted = sys::statistics(system, of).await?;
    Ok(Shape::ok(counted.map_or(serde_json::Value::Null, |it| json!({ "in": it.messages_in, "out": it.messages_out }))))
}

async fn log(system: &System, of: Target, switch: Switch) -> Result<Shape, SysError> {
    let keep = match switch {
        // As many as OTP keeps.
        Switch::On => 10,
        Switch::Last(events) => events,
        Switch::Off => 0,
        Switch::Get => {
            let kept = sys::log(system, of).await?.unwrap_or_default();
            let words = kept.iter().filter_map(|event| match event.what {
                What::In(_) => Some(Shape::word("in")),
                What::Out(_) => Some(Shape::word("out")),
                _ => None,
            });
            return Ok(Shape::ok(Shape::List(words.collect())));
        }
    };
    sys::keep_log(system, of, keep).await?;
    Ok(Shape::done())
}

/// Traces a server to nowhere: only that it is traced shows.
async fn trace(world: &World, of: Target, on: bool) -> Result<Shape, SysError> {
    let system = &world.system;
    let Ok(status) = sys::status(system, of.clone()).await else { return Ok(Shape::fail(ExitReason::NoProc)) };
    let pid = status.info.pid;
    let traced: Option<DebugId> = match on {
        true => Some(sys::trace_to(system, pid, sys::Limit::none(), std::io::sink()).await?),
        false => None,
    };
    if let Some(before) = world.trace(pid, traced) {
        sys::remove(system, pid, before).await?;
    }
    Ok(Shape::done())
}
