use std::sync::Arc;
use std::time::Duration;

use otp::gen_server::{ServerRef, StartError};
use otp::process::Spawner;
use otp::registry::PartitionSupervisor;
use otp::supervisor::{ChildKind, ChildSpec, DynamicSupervisor, Started, Supervisor};
use otp::task::TaskSupervisor;
use otp::{ExitReason, Name, Pid, Process};
use serde_json::json;

use super::start::start_link;
use super::worker::{Worker, crash};
use crate::language::{
    Children, DynamicFlags, Flags, Outcome, PartitionSpec, Said, Spec, SpecOptions, Start, SupervisorSpec, Template,
    TemplateArgs,
};
use crate::world::{Actor, FromArgs, Incarnation, SupervisorKind, World};

/// Starts a supervisor, linked to the process that does.
pub(crate) async fn start_supervisor(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    spec: &Arc<SupervisorSpec>,
) -> Result<Pid, StartError> {
    let (shared, outcome) = (world.clone(), spec.init.as_ref().map_or(Outcome::Ok, |plan| plan.at(me.n)));
    let supervisor = match &spec.children {
        Children::Static(_) => {
            let making = spec.clone();
            let deferred = Supervisor::deferred(move |_| {
                init(outcome)?;
                make(&shared, &making)
            });
            let mut starting = deferred.start_link(by);
            if let Some(name) = &spec.name {
                starting = starting.name(Name::dynamic(name));
            }
            SupervisorKind::Static(starting.await?)
        }
        Children::Template(template) => {
            // A dynamic supervisor has no init of its own that could fail.
            if let Outcome::Crash(message) = &outcome {
                return Err(StartError::failed(ExitReason::crash(message)));
            }
            init(outcome)?;
            let mut starting = dynamic(shared, &spec.flags, template.clone())?.start_link(by);
            if let Some(name) = &spec.name {
                starting = starting.name(Name::dynamic(name));
            }
            SupervisorKind::Template(starting.await?)
        }
    };
    introduce(world, &me, supervisor)
}

/// Starts an Elixir DynamicSupervisor.
pub(crate) async fn start_dynamic(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    flags: &DynamicFlags,
) -> Result<Pid, StartError> {
    let mut supervisor = DynamicSupervisor::new();
    if flags.intensity.is_some() || flags.period.is_some() {
        let (limit, period) = (flags.intensity.unwrap_or(3), flags.period.unwrap_or(Duration::from_secs(5)));
        supervisor = supervisor.intensity(limit, period);
    }
    if let Some(limit) = flags.max_children {
        supervisor = supervisor.max_children(limit);
    }
    introduce(world, &me, SupervisorKind::Dynamic(supervisor.start_link(by).await?))
}

/// Starts an Elixir Task.Supervisor.
pub(crate) async fn start_task_supervisor(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    flags: &DynamicFlags,
) -> Result<Pid, StartError> {
    let mut supervisor = TaskSupervisor::new();
    if flags.intensity.is_some() || flags.period.is_some() {
        let (limit, period) = (flags.intensity.unwrap_or(3), flags.period.unwrap_or(Duration::from_secs(5)));
        supervisor = supervisor.intensity(limit, period);
    }
    if let Some(limit) = flags.max_children {
        supervisor = supervisor.max_children(limit);
    }
    introduce(world, &me, SupervisorKind::Dynamic(supervisor.start_link(by).await?.into()))
}

/// Starts an Elixir PartitionSupervisor.
pub(crate) async fn start_partitions(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    spec: &PartitionSpec,
) -> Result<Pid, StartError> {
    let (own, child) = (world.clone(), spec.child.clone());
    let plan = PartitionSupervisor::new(move |number| {
        let (world, id, start) = (own.clone(), format!("{}{number}", child.id), child.start.clone());
        let start = move |by: Process| async move {
            let system = by.system().clone();
            let pid = start_link(world, by, id, start).await?;
            ServerRef::<Worker>::of(&system, pid).map_err(StartError::failed)
        };
        ChildSpec::worker("partition", start)
    });
    let mut plan = plan.partitions(spec.count);
    if spec.flags.intensity.is_some() || spec.flags.period.is_some() {
        plan = plan.intensity(spec.flags.intensity.unwrap_or(3), spec.flags.period.unwrap_or(Duration::from_secs(5)));
    }
    let partitions = plan.start_link(by).await?;
    let pid = partitions.pid().ok_or_else(|| StartError::failed(ExitReason::NoProc))?;
    world.recorder().introduce(pid, &me, Actor::Partitions(partitions));
    Ok(pid)
}

/// The spec of a child.
///
/// # Errors
///
/// A value that the library's types exclude, with OTP's word for it.
pub(crate) fn child_spec(world: &Arc<World>, spec: &Spec) -> Result<ChildSpec, StartError> {
    let (world, id, start) = (world.clone(), spec.id.clone(), spec.start.clone());
    let start = move |by: Process| start_link(world, by, id, start);
    with_options(&spec.id, &spec.options, start)
}

fn make(world: &Arc<World>, spec: &SupervisorSpec) -> Result<Supervisor, StartError> {
    fits("invalid_flags", spec.flags.unfit)?;
    let Children::Static(children) = &spec.children else {
        return Err(StartError::Ignore("a supervisor".into()));
    };
    let children = children.iter().map(|child| child_spec(world, child)).collect::<Result<Vec<_>, _>>()?;
    let mut supervisor = Supervisor::new(spec.flags.strategy.unwrap_or_default()).children(children);
    if let Some((limit, period)) = intensity(&spec.flags) {
        supervisor = supervisor.intensity(limit, period);
    }
    if let Some(auto_shutdown) = spec.flags.auto_shutdown {
        supervisor = supervisor.auto_shutdown(auto_shutdown);
    }
    Ok(supervisor)
}

fn dynamic(
    world: Arc<World>,
    flags: &Flags,
    template: Arc<Template>,
) -> Result<DynamicSupervisor<FromArgs>, StartError> {
    fits("invalid_flags", flags.unfit)?;
    fits("invalid_spec", template.options.unfit)?;
    let mut supervisor = DynamicSupervisor::template(move |args: TemplateArgs| {
        let (world, start): (_, Start) = (world.clone(), template.start.with(&args));
        let start = move |by: Process| start_link(world, by, args.id, start);
        with_options("template", &template.options, start).expect("the options of the template fit")
    });
    if let Some((limit, period)) = intensity(flags) {
        supervisor = supervisor.intensity(limit, period);
    }
    if let Some(auto_shutdown) = flags.auto_shutdown {
        supervisor = supervisor.auto_shutdown(auto_shutdown);
    }
    Ok(supervisor)
}

/// The two numbers are given together; what is absent is OTP's default.
fn intensity(flags: &Flags) -> Option<(usize, Duration)> {
    let given = flags.intensity.is_some() || flags.period.is_some();
    given.then(|| (flags.intensity.unwrap_or(1), flags.period.unwrap_or(Duration::from_secs(5))))
}

fn with_options<F, R>(id: &str, options: &SpecOptions, start: F) -> Result<ChildSpec, StartError>
where
    F: FnOnce(Process) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<Pid, StartError>> + Send + 'static,
{
    fits("invalid_spec", options.unfit)?;
    let mut spec = match options.kind {
        ChildKind::Supervisor => ChildSpec::supervisor(id.to_owned(), start),
        _ => ChildSpec::worker(id.to_owned(), start),
    };
    if let Some(restart) = options.restart {
        spec = spec.restart(restart);
    }
    if let Some(shutdown) = options.shutdown {
        spec = spec.shutdown(shutdown);
    }
    if let Some(significant) = options.significant {
        spec = spec.significant(significant);
    }
    Ok(spec)
}

fn init(outcome: Outcome) -> Result<(), StartError> {
    match outcome {
        Outcome::Ignore => Err(StartError::Ignore("a supervisor".into())),
        Outcome::Stop(reason) | Outcome::Exit(reason) => Err(StartError::failed(reason)),
        Outcome::Crash(message) => crash(&message),
        _ => Ok(()),
    }
}

fn fits(of: &'static str, unfit: Option<&'static str>) -> Result<(), StartError> {
    match unfit {
        Some(word) => Err(StartError::failed(ExitReason::other(Said(json!({ of: word }))))),
        None => Ok(()),
    }
}

fn introduce(world: &World, me: &Incarnation, supervisor: SupervisorKind) -> Result<Pid, StartError> {
    let pid = match &supervisor {
        SupervisorKind::Static(supervisor) => Started::pid(supervisor),
        SupervisorKind::Template(supervisor) => Started::pid(supervisor),
        SupervisorKind::Dynamic(supervisor) => Started::pid(supervisor),
    };
    let pid = pid.ok_or_else(|| StartError::failed(ExitReason::NoProc))?;
    world.recorder().introduce(pid, me, Actor::Supervisor(supervisor));
    Ok(pid)
}
