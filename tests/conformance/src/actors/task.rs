use std::sync::Arc;
use std::time::Duration;

use otp::supervisor::Shutdown;
use otp::task::{TaskOptions, TaskSpec};
use otp::{ExitReason, Pid, Process};
use serde_json::Value;

use super::worker::crash;
use crate::language::{Body, TaskEnding};
use crate::world::{Actor, Attempt, Happening, Incarnation, World};

/// Does what a body says.
pub(crate) async fn run_body(world: Arc<World>, body: Body) -> Result<Value, ExitReason> {
    if let Some(pause) = body.pause {
        world.system.sleep(pause).await;
    }
    match body.ending {
        TaskEnding::Value(value) => Ok(value),
        TaskEnding::Exit(reason) => Err(reason),
        TaskEnding::Crash(message) => crash(&message),
    }
}

/// The body of a task that has an owner, which has given it its number.
pub(crate) async fn own_task(world: Arc<World>, me: Incarnation, body: Arc<Body>) -> Result<Value, ExitReason> {
    world.recorder().ready(&me);
    run_body(world, Body::clone(&body)).await
}

/// The body of a task that nobody waits for: it takes its number itself.
pub(crate) async fn free_task(world: Arc<World>, id: String, body: Arc<Body>) -> Result<(), ExitReason> {
    let Some(own) = Process::current() else { return Ok(()) };
    let n = {
        let mut recorder = world.recorder();
        let me = recorder.attempt(&id);
        recorder.introduce(own.pid(), &me, Actor::Task(own.pid()));
        recorder.started(&me, Attempt::Ok);
        if let Some(text) = &body.log {
            recorder.record(&me, Happening::Log(text.clone()));
        }
        me.n
    };
    own.trap_exit(body.trap_exit);
    run_body(world, body.at(n).clone()).await.map(drop)
}

/// The spec of such a task under a supervisor.
pub(crate) fn task_spec(world: &Arc<World>, id: &str, body: &Arc<Body>) -> TaskSpec {
    let (world, id, body) = (world.clone(), id.to_owned(), body.clone());
    TaskSpec::new(move || free_task(world.clone(), id.clone(), body.clone()))
}

/// Waits until a task has taken its number, or has ended before that.
pub(crate) async fn known(world: &World, pid: Pid) {
    while world.recorder().who(pid).is_none() && world.system.is_alive(pid) {
        world.system.sleep(Duration::from_millis(1)).await;
    }
}

/// The options of a task with an owner.
pub(crate) fn options(link: bool, trap_exit: bool) -> TaskOptions {
    TaskOptions::new().link(link).trap_exit(trap_exit).shutdown(Shutdown::Timeout(Duration::from_secs(5)))
}
