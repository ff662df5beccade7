use std::collections::HashMap;
use std::sync::Arc;

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use futures::future::BoxFuture;
use otp::gen_event::HandlerExit;
use otp::gen_server::StartError;
use otp::process::{MonitorRef, SpawnOptions, Spawner, TimerRef};
use otp::task::{Task, TaskOutcome};
use otp::{ExitReason, Name, Pid, ProcessContext};
use serde_json::Value;

use super::registry::Told;
use crate::language::{Action, ProcSpec};
use crate::steps::{self, Requests};
use crate::trace::Shape;
use crate::world::{Actor, Incarnation, Raw, World};

/// What the mailbox of a raw process holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mail {
    User(Value),
    /// From a timer that tells its reference.
    Timer(TimerRef, Value),
    /// The outcome of a task that no step asks for.
    Task {
        name: String,
        pid: Pid,
        outcome: TaskOutcome<Value>,
    },
    /// From a monitor of groups: its label, what happened, the group, and to whom.
    Group {
        monitor: String,
        event: &'static str,
        group: String,
        pids: Vec<Pid>,
    },
    /// A table that the process owns now.
    Table {
        table: String,
        from: Pid,
        data: Value,
    },
    /// To a listener of a registry.
    Registry(Told),
    /// To the owner of an event handler.
    Handler(HandlerExit),
}

/// A step that a raw process is handed. It does not go through the mailbox, and so disturbs nothing there.
pub(crate) struct Job {
    pub(crate) action: Action,
    /// Dropped if the process ends before it has finished the step.
    pub(crate) answer: oneshot::Sender<Shape>,
}

/// Where a raw process executes steps.
pub(crate) struct Desk {
    pub(crate) world: Arc<World>,
    pub(crate) ctx: ProcessContext<Mail>,
    /// Its requests under way, by their labels.
    pub(crate) requests: Requests,
    /// Its tasks, by their labels, until their values are taken.
    pub(crate) tasks: HashMap<String, Task<Value>>,
}

/// What came of a step.
pub(crate) enum Done {
    Returned(Shape),
    /// The process ends with it.
    Ended(ExitReason),
}

/// Starts a raw process and waits until it is ready.
pub(crate) async fn spawn(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: &Incarnation,
    spec: &ProcSpec,
    options: SpawnOptions<Mail>,
) -> Result<(Raw, Option<MonitorRef>), StartError> {
    let mut options = options.trap_exit(spec.trap_exit);
    if let Some(name) = &spec.name {
        options = options.name(Name::dynamic(name));
    }
    let (jobs, inbox) = mpsc::unbounded();
    let (ready, is_ready) = oneshot::channel();
    let body = {
        let (world, me, jobs) = (world.clone(), me.clone(), jobs.clone());
        move |ctx: ProcessContext<Mail>| {
            let raw = Raw { process: ctx.this(), jobs };
            body(Desk { world, ctx, requests: HashMap::new(), tasks: HashMap::new() }, me, raw, inbox, ready)
        }
    };
    let spawned = match by.process() {
        Some(process) => process.spawn_with(options, body)?,
        None => by.system().spawn_with(options, body)?,
    };
    match is_ready.await {
        Ok(()) => Ok((Raw { process: spawned.process, jobs }, spawned.monitor)),
        Err(oneshot::Canceled) => Err(StartError::failed(spawned.process.exited().await)),
    }
}

/// Boxed, since a step may start another raw process: the type would contain itself.
fn body(
    mut desk: Desk,
    me: Incarnation,
    raw: Raw,
    mut inbox: mpsc::UnboundedReceiver<Job>,
    ready: oneshot::Sender<()>,
) -> BoxFuture<'static, ExitReason> {
    Box::pin(async move {
        desk.world.recorder().introduce(desk.ctx.pid(), &me, Actor::Raw(raw));
        desk.world.recorder().ready(&me);
        // Nobody waits if the starter has ended.
        let _ = ready.send(());
        while let Some(Job { action, answer }) = inbox.next().await {
            match steps::perform(&action, &mut desk).await {
                // Nobody waits for it once the run is over.
                Done::Returned(shape) => drop(answer.send(shape)),
                Done::Ended(reason) => return reason,
            }
        }
        ExitReason::Normal
    })
}
