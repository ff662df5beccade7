use std::sync::Arc;

use otp::gen_server::{Envelope, GenServer, StartError};
use otp::process::{MonitorRef, Registration, SpawnOptions};
use otp::statem::Machine;
use otp::{Pid, Process};

use crate::actors::{
    MachineArgs, Runner, Worker, WorkerArgs, recorded, server_name, spawn, start_agent, start_dynamic, start_manager,
    start_partitions, start_registry, start_supervisor,
};
use crate::language::{How, Limit, ProcSpec, Served, Starting};
use crate::trace::{Shape, start_error};
use crate::world::{Actor, Incarnation, Reference, Scope, World};

type Outcome = Result<Pid, StartError>;

pub(super) async fn perform(starting: &Starting, world: &Arc<World>, own: &Process) -> Shape {
    let started = match starting {
        Starting::Spawn { id, proc, link, monitor } => spawn_raw(world, own, id, proc, *link, monitor.as_deref()).await,
        Starting::Server { id, server, how, init_limit, monitor } => {
            let (how, monitor) = (*how, monitor.as_deref().unwrap_or("m"));
            recorded(world, id, async |me: Incarnation| match server {
                Served::Worker(spec) => {
                    let args = WorkerArgs { world: world.clone(), me, spec: spec.clone() };
                    let name =
                        spec.name.as_ref().map(|name| server_name(world, name, |all| &all.workers)).transpose()?;
                    start_server::<Worker>(world, own, args, name, how, *init_limit, monitor).await
                }
                Served::Machine(spec) => {
                    let args = MachineArgs { world: world.clone(), me, spec: spec.clone() };
                    let name =
                        spec.name.as_ref().map(|name| server_name(world, name, |all| &all.machines)).transpose()?;
                    start_server::<Machine<Runner>>(world, own, args, name, how, *init_limit, monitor).await
                }
            })
            .await
        }
        Starting::Agent { id, agent, how, init_limit } => {
            let link = *how != How::Start;
            recorded(world, id, |me| start_agent(world, own, me, agent, link, *init_limit)).await
        }
        Starting::Manager { id, manager, link } => {
            recorded(world, id, |me| start_manager(world, own, me, manager, *link)).await
        }
        Starting::Supervisor { id, spec } => recorded(world, id, |me| start_supervisor(world, own, me, spec)).await,
        Starting::Scope { id } => recorded(world, id, |me| start_scope(world, own, me)).await,
        Starting::Partitions { id, spec } => recorded(world, id, |me| start_partitions(world, own, me, spec)).await,
        Starting::Registry { id, unique, listeners } => {
            recorded(world, id, |me| start_registry(world, own, me, *unique, listeners)).await
        }
        Starting::Dynamic { id, flags } => recorded(world, id, |me| start_dynamic(world, own, me, flags)).await,
    };
    match started {
        Ok(pid) => Shape::ok(Shape::Who(pid)),
        Err(StartError::Ignore(_)) => Shape::word("ignore"),
        Err(error) => Shape::error(start_error(&error)),
    }
}

async fn spawn_raw(
    world: &Arc<World>,
    own: &Process,
    id: &str,
    proc: &ProcSpec,
    link: bool,
    monitor: Option<&str>,
) -> Outcome {
    let mut options = SpawnOptions::new();
    if link {
        options = options.link();
    }
    if monitor.is_some() {
        options = options.monitor();
    }
    recorded(world, id, async |me: Incarnation| {
        let (raw, reference) = spawn(world, own, &me, proc, options).await?;
        refer(world, monitor, reference);
        Ok(raw.process.pid())
    })
    .await
}

async fn start_server<S: GenServer>(
    world: &World,
    own: &Process,
    args: S::Args,
    name: Option<Arc<dyn Registration<Envelope<S>>>>,
    how: How,
    init_limit: Limit,
    monitor: &str,
) -> Outcome {
    let options = |mut start: otp::gen_server::Start<S>| {
        if let Some(name) = name {
            start = start.name(name);
        }
        if let Limit::After(limit) = init_limit {
            start = start.init_timeout(limit);
        }
        start
    };
    let server = match how {
        How::Start => options(S::start(own, args)).await?,
        How::StartLink => options(S::start_link(own, args)).await?,
        How::StartMonitor => {
            let (server, reference) = S::start_monitor(own, args).with(options).await?;
            refer(world, Some(monitor), Some(reference));
            server
        }
    };
    server.pid().ok_or_else(|| StartError::failed(otp::ExitReason::NoProc))
}

async fn start_scope(world: &World, own: &Process, me: Incarnation) -> Outcome {
    let scope = Scope::start_link(own).await?;
    let pid = scope.pid().ok_or_else(|| StartError::failed(otp::ExitReason::NoProc))?;
    world.recorder().introduce(pid, &me, Actor::Scope(scope));
    Ok(pid)
}

fn refer(world: &World, name: Option<&str>, monitor: Option<MonitorRef>) {
    if let (Some(name), Some(monitor)) = (name, monitor) {
        world.refer(name, Reference::Monitor(monitor));
    }
}
