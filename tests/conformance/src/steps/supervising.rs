use std::sync::Arc;

use otp::gen_server::StartError;
use otp::supervisor::{
    ChildError, ChildInfo, ChildKind, ChildSpec, ChildState, Counts, Restart, Shutdown, StartChildError,
};
use otp::{CallError, Pid, Process};
use serde_json::{Value, json};

use super::unfit;
use crate::actors::child_spec;
use crate::language::{Label, Supervising, What, Which};
use crate::trace::{Shape, id, spec_error, start_error};
use crate::world::{Actor, SupervisorKind, World};

pub(super) async fn perform(supervisor: &Label, request: &Supervising, world: &Arc<World>, own: &Process) -> Shape {
    let Some(actor) = world.resolve(supervisor, own.pid()) else { return Shape::fail(Shape::word("noproc")) };
    let actor = match actor {
        Actor::Partitions(partitions) => match partitions.supervisor() {
            Some(one) => Actor::Supervisor(SupervisorKind::Static(one)),
            None => return Shape::fail(Shape::word("noproc")),
        },
        other => other,
    };
    let alive = actor.pid().is_some_and(|pid| world.system.is_alive(pid));
    match actor {
        Actor::Supervisor(kind) => match types_exclude(&kind, request) {
            Some(answer) if alive => answer,
            Some(_) => Shape::fail(Shape::word("noproc")),
            None => ask(kind, request, world, own).await,
        },
        _ if alive => unfit("it is no supervisor"),
        _ => Shape::fail(Shape::word("noproc")),
    }
}

/// How many partitions a supervisor has.
pub(super) fn partitions(supervisor: &str, world: &World) -> Shape {
    match world.recorder().latest(supervisor) {
        Some(Actor::Partitions(partitions)) if partitions.pid().is_some_and(|pid| world.system.is_alive(pid)) => {
            Shape::Json(json!(partitions.count()))
        }
        _ => Shape::fail(Shape::word("noproc")),
    }
}

/// What OTP answers to a request that the library's types do not let anybody make.
fn types_exclude(kind: &SupervisorKind, request: &Supervising) -> Option<Shape> {
    let refused = |word: &str| Some(Shape::error(Shape::word(word)));
    match (kind, request) {
        (SupervisorKind::Static(_), Supervising::TerminateChild(Which::Pid(_))) => refused("not_found"),
        (SupervisorKind::Static(_), Supervising::ChildSpec(Which::Pid(_))) => refused("not_found"),
        (SupervisorKind::Static(_), _) => None,
        (_, Supervising::ChildSpec(Which::Id(_))) => refused("not_found"),
        (_, Supervising::TerminateChild(Which::Id(_))) => refused("dynamic"),
        (_, Supervising::RestartChild(_) | Supervising::DeleteChild(_)) => refused("dynamic"),
        _ => None,
    }
}

async fn ask(kind: SupervisorKind, request: &Supervising, world: &Arc<World>, own: &Process) -> Shape {
    let pid = |which: &Which| match which {
        Which::Pid(label) => world.resolve(label, own.pid()).and_then(|actor| actor.pid()),
        Which::Id(_) => None,
    };
    let nobody = || Shape::error(Shape::word("not_found"));
    match (kind, request) {
        (_, Supervising::StartChild(what)) if matches!(what, What::Child(spec) if spec.options.unfit.is_some()) => {
            let What::Child(spec) = what else { return unfit("it has no spec") };
            child_spec(world, spec).map_or_else(|error| Shape::error(start_error(&error)), |_| Shape::done())
        }
        (SupervisorKind::Static(one), Supervising::StartChild(What::Child(spec))) => {
            let Ok(spec) = child_spec(world, spec) else { return unfit("its spec does not fit") };
            started(one.start_child(spec).await)
        }
        (SupervisorKind::Dynamic(one), Supervising::StartChild(What::Child(spec))) => {
            let Ok(spec) = child_spec(world, spec) else { return unfit("its spec does not fit") };
            match one.start_child(spec).await {
                // Elixir has a word of its own for it.
                Ok(None) => Shape::word("ignore"),
                answer => started_without_id(answer),
            }
        }
        (SupervisorKind::Template(one), Supervising::StartChild(What::Args(args))) => {
            started_without_id(one.start_child(args.clone()).await)
        }
        (_, Supervising::StartChild(_)) => unfit("it takes another kind of child"),

        (SupervisorKind::Static(one), Supervising::TerminateChild(Which::Id(id))) => {
            done(one.terminate_child(id.clone()).await)
        }
        (SupervisorKind::Template(one), Supervising::TerminateChild(which)) => match pid(which) {
            Some(pid) => done(one.terminate_child(pid).await),
            None => nobody(),
        },
        (SupervisorKind::Dynamic(one), Supervising::TerminateChild(which)) => match pid(which) {
            Some(pid) => done(one.terminate_child(pid).await),
            None => nobody(),
        },
        (SupervisorKind::Static(one), Supervising::RestartChild(id)) => match one.restart_child(id.clone()).await {
            Ok(child) => Shape::ok(child.map(|child| child.pid())),
            Err(error) => child_error(error),
        },
        (SupervisorKind::Static(one), Supervising::DeleteChild(id)) => done(one.delete_child(id.clone()).await),

        (SupervisorKind::Static(one), Supervising::WhichChildren) => match one.which_children().await {
            Ok(children) => Shape::List(children.iter().map(|child| line(child, id(child.id.as_str()))).collect()),
            Err(error) => Shape::fail(error),
        },
        (SupervisorKind::Template(one), Supervising::WhichChildren) => unordered(one.which_children().await),
        (SupervisorKind::Dynamic(one), Supervising::WhichChildren) => unordered(one.which_children().await),

        (SupervisorKind::Static(one), Supervising::CountChildren) => counted(one.count_children().await, None),
        // OTP counts the one spec of the template, the library those of its children.
        (SupervisorKind::Template(one), Supervising::CountChildren) => counted(one.count_children().await, Some(1)),
        (SupervisorKind::Dynamic(one), Supervising::CountChildren) => counted(one.count_children().await, None),

        (SupervisorKind::Static(one), Supervising::ChildSpec(Which::Id(id))) => spec(one.childspec(id.clone()).await),
        (SupervisorKind::Template(one), Supervising::ChildSpec(which)) => match pid(which) {
            Some(pid) => spec(one.childspec(pid).await),
            None => nobody(),
        },
        (SupervisorKind::Dynamic(one), Supervising::ChildSpec(which)) => match pid(which) {
            Some(pid) => spec(one.childspec(pid).await),
            None => nobody(),
        },
        _ => unfit("the types exclude it"),
    }
}

fn started(answer: Result<Option<Pid>, StartChildError>) -> Shape {
    match answer {
        Ok(pid) => Shape::ok(pid),
        Err(StartChildError::AlreadyStarted { pid, .. }) => {
            Shape::error(Shape::tagged("already_started", Shape::Who(pid)))
        }
        Err(StartChildError::AlreadyPresent { .. }) => Shape::error(Shape::word("already_present")),
        Err(StartChildError::Spec(error)) => Shape::error(spec_error(&error)),
        Err(StartChildError::Failed { error, .. }) => Shape::error(Shape::tagged("start_failed", start_error(&error))),
        Err(StartChildError::MaxChildren { .. }) => Shape::error(Shape::word("max_children")),
        Err(StartChildError::Call(error)) => Shape::fail(error),
        Err(other) => unfit(&other.to_string()),
    }
}

/// Without ids there is only one meaning of "already started", and OTP hands it through.
pub(super) fn started_without_id(answer: Result<Option<Pid>, StartChildError>) -> Shape {
    match answer {
        Err(StartChildError::Failed { error: error @ StartError::AlreadyStarted { .. }, .. }) => {
            Shape::error(start_error(&error))
        }
        answer => started(answer),
    }
}

fn done(answer: Result<(), ChildError>) -> Shape {
    match answer {
        Ok(()) => Shape::done(),
        Err(error) => child_error(error),
    }
}

fn child_error(error: ChildError) -> Shape {
    match error {
        ChildError::NotFound { .. } => Shape::error(Shape::word("not_found")),
        ChildError::Running { .. } => Shape::error(Shape::word("running")),
        ChildError::Restarting { .. } => Shape::error(Shape::word("restarting")),
        ChildError::Failed { error, .. } => Shape::error(Shape::tagged("start_failed", start_error(&error))),
        ChildError::Call(error) => Shape::fail(error),
        other => unfit(&other.to_string()),
    }
}

fn unordered(answer: Result<Vec<ChildInfo>, CallError>) -> Shape {
    match answer {
        Ok(children) => Shape::ByPid(children.iter().map(|child| line(child, Value::Null)).collect()),
        Err(error) => Shape::fail(error),
    }
}

fn line(child: &ChildInfo, id: Value) -> Shape {
    let pid = match child.state {
        ChildState::Running(pid) => Shape::Who(pid),
        ChildState::Restarting(_) => Shape::word("restarting"),
        _ => Shape::Json(Value::Null),
    };
    Shape::Object(vec![("id", Shape::Json(id)), ("pid", pid), ("type", Shape::word(kind(child.kind)))])
}

fn counted(answer: Result<Counts, CallError>, specs: Option<usize>) -> Shape {
    match answer {
        Ok(counts) => Shape::Json(json!({
            "specs": specs.unwrap_or(counts.specs),
            "active": counts.active,
            "supervisors": counts.supervisors,
            "workers": counts.workers,
        })),
        Err(error) => Shape::fail(error),
    }
}

fn spec(answer: Result<ChildSpec, ChildError>) -> Shape {
    let spec = match answer {
        Ok(spec) => spec,
        Err(error) => return child_error(error),
    };
    let restart = match spec.restart_type() {
        Restart::Permanent => "permanent",
        Restart::Transient => "transient",
        Restart::Temporary => "temporary",
        other => unreachable!("OTP has no {other:?}"),
    };
    let shutdown = match spec.shutdown_limit() {
        Shutdown::BrutalKill => json!("brutal_kill"),
        Shutdown::Timeout(limit) => json!(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
        Shutdown::Infinity => json!("infinity"),
        other => unreachable!("OTP has no {other:?}"),
    };
    Shape::ok(json!({
        "id": spec.id().as_str(),
        "restart": restart,
        "shutdown": shutdown,
        "significant": spec.is_significant(),
        "type": kind(spec.kind()),
    }))
}

fn kind(kind: ChildKind) -> &'static str {
    match kind {
        ChildKind::Worker => "worker",
        ChildKind::Supervisor => "supervisor",
        other => unreachable!("OTP has no {other:?}"),
    }
}
