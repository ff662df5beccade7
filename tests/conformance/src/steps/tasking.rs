use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use otp::Process;
use otp::supervisor::{StartChildError, SupervisorRef};
use otp::task::{OnTimeout, Task, TaskError, TaskOptions, TaskSupervisorRef, Yielded, await_many, stream, yield_many};
use serde_json::Value;

use super::supervising::started_without_id;
use super::unfit;
use crate::actors::{
    Desk, Mail, free_task, known, own_task, recorded, run_body, start_task_supervisor, task_options, task_spec,
};
use crate::language::{Body, Label, Limit, Streaming, Tasking};
use crate::trace::{Shape, start_error};
use crate::world::{Actor, SupervisorKind};

type Outcome = Result<Value, TaskError>;

pub(super) async fn perform(tasking: &Tasking, desk: &mut Desk) -> Shape {
    match tasking {
        Tasking::Supervisor { id, flags } => {
            let (world, own) = (desk.world.clone(), Process::clone(&desk.ctx));
            let start = async |me| start_task_supervisor(&world, &own, me, flags).await;
            match recorded(&world, id, start).await {
                Ok(pid) => Shape::ok(Shape::Who(pid)),
                Err(error) => Shape::error(start_error(&error)),
            }
        }
        Tasking::Async { id, body, supervisor, link, trap_exit, asked } => {
            let options = task_options(*link, *trap_exit);
            start(id, body, supervisor.as_ref(), options, *asked, desk).await
        }
        Tasking::Start { id, body, link } => {
            let task = free_task(desk.world.clone(), id.clone(), body.clone());
            let pid = if *link { Task::start_link(&desk.ctx, task) } else { Task::start(&desk.ctx, task) };
            known(&desk.world, pid).await;
            Shape::ok(Shape::Who(pid))
        }
        Tasking::StartChild { id, body, supervisor, restart, shutdown } => {
            let Some(supervisor) = supervisor_of(supervisor, desk) else { return Shape::fail(Shape::word("noproc")) };
            let mut spec = task_spec(&desk.world, id, body);
            if let Some(restart) = restart {
                spec = spec.restart(*restart);
            }
            if let Some(shutdown) = shutdown {
                spec = spec.shutdown(*shutdown);
            }
            let answer = supervisor.start_child(spec).await;
            if let Ok(pid) = &answer {
                known(&desk.world, *pid).await;
            }
            started_without_id(answer.map(Some))
        }
        Tasking::Await(task, limit) => match desk.tasks.remove(task) {
            Some(task) => shape(with(task, *limit).await),
            None => unfit("there is no such task"),
        },
        Tasking::Yield(name, limit) => match desk.tasks.remove(name) {
            Some(task) => yielded(name, task.yield_for(time(*limit)).await, desk),
            None => unfit("there is no such task"),
        },
        Tasking::Shutdown(task, how) => match desk.tasks.remove(task) {
            Some(task) => match task.shutdown(*how).await {
                Ok(None) => Shape::Json(Value::Null),
                Ok(Some(value)) => shape(Ok(value)),
                Err(error) => shape(Err(error)),
            },
            None => unfit("there is no such task"),
        },
        Tasking::Ignore(task) => match desk.tasks.remove(task) {
            Some(task) => task.ignore().map_or(Shape::Json(Value::Null), shape),
            None => unfit("there is no such task"),
        },
        Tasking::AwaitMany(names, limit) => match taken(names, desk) {
            Some(tasks) => match await_many(tasks, time(*limit)).await {
                Ok(values) => Shape::ok(Value::Array(values)),
                Err(error) => shape(Err(error)),
            },
            None => unfit("there is no such task"),
        },
        Tasking::YieldMany(names, limit) => match taken(names, desk) {
            Some(tasks) => {
                let found = yield_many(tasks, time(*limit)).await;
                Shape::List(names.iter().zip(found).map(|(name, found)| yielded(name, found, desk)).collect())
            }
            None => unfit("there is no such task"),
        },
        Tasking::Stream(streaming) => run_stream(streaming, desk).await,
    }
}

async fn start(
    id: &str,
    body: &Arc<Body>,
    supervisor: Option<&Label>,
    options: TaskOptions,
    asked: bool,
    desk: &mut Desk,
) -> Shape {
    let (world, own) = (desk.world.clone(), Process::clone(&desk.ctx));
    let supervisor = match supervisor.map(|label| supervisor_of(label, desk)) {
        None => None,
        Some(Some(supervisor)) => Some(supervisor),
        Some(None) => return Shape::fail(Shape::word("noproc")),
    };
    let start = async |me: crate::world::Incarnation| {
        let future = own_task(world.clone(), me.clone(), body.clone());
        let task: Task<Value> = match supervisor {
            None => options.spawn(&own, future),
            Some(supervisor) => {
                let started = supervisor.spawn_with(&own, options, future).await;
                started.map_err(|refused| otp::gen_server::StartError::from(otp::ExitReason::error(refused.error)))?
            }
        };
        world.recorder().introduce(task.pid(), &me, Actor::Task(task.pid()));
        Ok(task)
    };
    match recorded(&world, id, start).await {
        Ok(task) if asked => drop(desk.tasks.insert(id.to_owned(), task)),
        Ok(task) => {
            let (name, pid) = (id.to_owned(), task.pid());
            task.notify(desk.ctx.this(), move |end| Mail::Task { name, pid, outcome: end.outcome });
        }
        Err(error) => return Shape::error(start_error(&error)),
    }
    Shape::done()
}

async fn run_stream(streaming: &Streaming, desk: &mut Desk) -> Shape {
    let Streaming { items, max_concurrency, ordered, limit, kills, supervisor, link } = streaming;
    let world = desk.world.clone();
    let items: Vec<Body> = items.to_vec();
    let mut results = stream(&desk.ctx, items, move |item| run_body(world.clone(), item))
        .max_concurrency(*max_concurrency)
        .ordered(*ordered)
        .link(*link)
        .on_timeout(if *kills { OnTimeout::Kill } else { OnTimeout::Stop });
    results = match limit {
        Limit::After(limit) => results.timeout(*limit),
        Limit::Never => results.no_timeout(),
    };
    if let Some(label) = supervisor {
        let Some(supervisor) = supervisor_of(label, desk) else { return Shape::fail(Shape::word("noproc")) };
        results = results.under(&supervisor);
    }
    let results: Vec<Outcome> = results.collect().await;
    // The consumer exits, in Elixir; here the stream ends.
    if !kills && results.iter().any(|result| matches!(result, Err(TaskError::Timeout { .. }))) {
        return Shape::fail(Shape::word("timeout"));
    }
    Shape::List(results.into_iter().map(shape).collect())
}

fn supervisor_of(label: &Label, desk: &Desk) -> Option<TaskSupervisorRef> {
    match desk.world.resolve(label, desk.ctx.pid())? {
        Actor::Supervisor(SupervisorKind::Dynamic(supervisor)) => {
            Some(TaskSupervisorRef::from(SupervisorRef::clone(&supervisor)))
        }
        _ => None,
    }
}

fn taken(names: &[String], desk: &mut Desk) -> Option<Vec<Task<Value>>> {
    names.iter().map(|name| desk.tasks.remove(name)).collect()
}

async fn with(task: Task<Value>, limit: Limit) -> Outcome {
    match limit {
        Limit::After(limit) => task.timeout(limit).await,
        Limit::Never => task.no_timeout().await,
    }
}

fn time(limit: Limit) -> Duration {
    match limit {
        Limit::After(limit) => limit,
        Limit::Never => Duration::MAX,
    }
}

fn yielded(name: &str, yielded: Yielded<Value>, desk: &mut Desk) -> Shape {
    match yielded {
        Yielded::Done(result) => shape(result),
        Yielded::Running(task) => {
            desk.tasks.insert(name.to_owned(), task);
            Shape::Json(Value::Null)
        }
    }
}

fn shape(result: Outcome) -> Shape {
    match result {
        Ok(value) => Shape::ok(value),
        Err(TaskError::Exited { reason, .. }) => Shape::fail(reason),
        Err(TaskError::Timeout { .. }) => Shape::fail(Shape::word("timeout")),
        Err(TaskError::NotStarted { error: StartChildError::MaxChildren { .. }, .. }) => {
            Shape::fail(Shape::word("max_children"))
        }
        Err(other) => unfit(&other.to_string()),
    }
}
