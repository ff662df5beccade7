use std::sync::Arc;

use futures::future::BoxFuture;
use otp::gen_server::{GenServer, StartError};
use otp::process::SpawnOptions;
use otp::statem::StateMachine;
use otp::{Pid, Process};

use super::agent::start_agent;
use super::handler::start_manager;
use super::machine::{MachineArgs, Runner};
use super::raw::spawn;
use super::registry::server_name;
use super::supervise::start_supervisor;
use super::worker::{Worker, WorkerArgs};
use crate::language::{Limit, Start};
use crate::trace::start_error;
use crate::world::{Attempt, Incarnation, World};

/// Takes the next number for `id`, starts it, and records how that went.
pub(crate) async fn recorded<T, Fut>(
    world: &Arc<World>,
    id: &str,
    start: impl FnOnce(Incarnation) -> Fut,
) -> Result<T, StartError>
where
    Fut: Future<Output = Result<T, StartError>>,
{
    let me = world.recorder().attempt(id);
    let result = start(me.clone()).await;
    let attempt = match &result {
        Ok(_) => Attempt::Ok,
        Err(StartError::Ignore(_)) => Attempt::Ignore,
        Err(error) => Attempt::Failed(start_error(error)),
    };
    world.recorder().started(&me, attempt);
    result
}

/// Starts an actor, linked to `by`: the start function of a supervised child.
pub(crate) fn start_link(
    world: Arc<World>,
    by: Process,
    id: String,
    start: Start,
) -> BoxFuture<'static, Result<Pid, StartError>> {
    Box::pin(async move {
        let one = async |me: Incarnation| match &start {
            Start::Worker(spec) => {
                let args = WorkerArgs { world: world.clone(), me, spec: spec.clone() };
                let mut starting = Worker::start_link(&by, args);
                if let Some(name) = &spec.name {
                    starting = starting.name(server_name(&world, name, |all| &all.workers)?);
                }
                let server = starting.await?;
                server.pid().ok_or_else(|| StartError::failed(otp::ExitReason::NoProc))
            }
            Start::Agent(spec) => start_agent(&world, &by, me, spec, true, Limit::Never).await,
            Start::Manager(spec) => start_manager(&world, &by, me, spec, true).await,
            Start::Machine(spec) => {
                let args = MachineArgs { world: world.clone(), me, spec: spec.clone() };
                let mut starting = Runner::start_link(&by, args);
                if let Some(name) = &spec.name {
                    starting = starting.name(server_name(&world, name, |all| &all.machines)?);
                }
                starting.await?.pid().ok_or_else(|| StartError::failed(otp::ExitReason::NoProc))
            }
            Start::Supervisor(spec) => start_supervisor(&world, &by, me, spec).await,
            Start::Proc(spec) => {
                let (raw, _) = spawn(&world, &by, &me, spec, SpawnOptions::new().link()).await?;
                Ok(raw.process.pid())
            }
            Start::Fail(reason) => Err(StartError::failed(reason.clone())),
        };
        recorded(&world, &id, one).await
    })
}
