use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use otp::supervisor::{ChildKind, Restart, Shutdown};

use super::agent::AgentSpec;
use super::event::ManagerSpec;
use super::flags::{DynamicFlags, Flags, Unfit, fit};
use super::machine::MachineSpec;
use super::node::{Node, Parsed};
use super::reason;
use super::worker::{Plan, WorkerSpec};

/// How an actor is started.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Worker(Arc<WorkerSpec>),
    Agent(AgentSpec),
    Manager(ManagerSpec),
    Machine(Arc<MachineSpec>),
    Supervisor(Arc<SupervisorSpec>),
    Proc(ProcSpec),
    /// The start function returns an error without making a process.
    Fail(ExitReason),
}

/// A raw process.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcSpec {
    pub(crate) name: Option<String>,
    pub(crate) trap_exit: bool,
}

/// A supervisor.
#[derive(Clone, Debug)]
pub(crate) struct SupervisorSpec {
    pub(crate) name: Option<String>,
    pub(crate) flags: Flags,
    pub(crate) init: Option<Plan>,
    pub(crate) children: Children,
}

/// What a supervisor supervises.
#[derive(Clone, Debug)]
pub(crate) enum Children {
    Static(Arc<[Spec]>),
    Template(Arc<Template>),
}

/// A supervisor of partitions.
#[derive(Clone, Debug)]
pub(crate) struct PartitionSpec {
    pub(crate) count: usize,
    /// The actor of a partition has the id of this child, with the number of the partition behind it.
    pub(crate) child: Spec,
    pub(crate) flags: DynamicFlags,
}

/// A child specification; what is absent is left to the library.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) id: String,
    pub(crate) start: Start,
    pub(crate) options: SpecOptions,
}

/// A child specification without id, for many children.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) start: Start,
    pub(crate) options: SpecOptions,
}

#[derive(Clone, Debug)]
pub(crate) struct SpecOptions {
    pub(crate) restart: Option<Restart>,
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) kind: ChildKind,
    pub(crate) significant: Option<bool>,
    pub(crate) unfit: Option<Unfit>,
}

/// What a template is started with: the child's id, and keys that are put over those of the template's worker.
#[derive(Clone, Debug)]
pub(crate) struct TemplateArgs {
    pub(crate) id: String,
    pub(crate) worker: Option<WorkerSpec>,
}

impl Start {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Start> {
        let (key, value) = node.single()?;
        Ok(match key {
            "worker" => Start::Worker(Arc::new(WorkerSpec::parse(&value)?)),
            "agent" => Start::Agent(AgentSpec::parse(&value)?),
            "manager" => Start::Manager(ManagerSpec::parse(&value)?),
            "machine" => Start::Machine(Arc::new(MachineSpec::parse(&value)?)),
            "supervisor" => Start::Supervisor(Arc::new(SupervisorSpec::parse(&value)?)),
            "proc" => Start::Proc(ProcSpec::parse(&value)?),
            "fail" => Start::Fail(reason::parse(&value)?),
            _ => return Err(node.invalid(format!("unknown start \"{key}\""))),
        })
    }

    /// The start with the keys of `args` put over those of the worker.
    pub(crate) fn with(&self, args: &TemplateArgs) -> Start {
        match (self, &args.worker) {
            (Start::Worker(worker), Some(over)) => Start::Worker(Arc::new(worker.overlaid(over))),
            (start, _) => start.clone(),
        }
    }
}

impl PartitionSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<PartitionSpec> {
        Ok(PartitionSpec {
            count: usize::try_from(node.key("partitions")?.natural()?).unwrap_or(usize::MAX),
            child: Spec::parse(&node.key("child")?)?,
            flags: node.maybe("flags", DynamicFlags::parse)?.unwrap_or_default(),
        })
    }
}

impl ProcSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<ProcSpec> {
        Ok(ProcSpec {
            name: node.maybe("name", Node::text)?,
            trap_exit: node.maybe("trap_exit", Node::bool)?.unwrap_or(false),
        })
    }
}

impl SupervisorSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<SupervisorSpec> {
        let children = match (node.optional("children")?, node.optional("template")?) {
            (Some(_), Some(template)) => return Err(template.invalid("a supervisor has children or a template")),
            (None, Some(template)) => Children::Template(Arc::new(Template::parse(&template)?)),
            (Some(children), None) => Children::Static(children.each(Spec::parse)?),
            (None, None) => Children::Static(Arc::default()),
        };
        Ok(SupervisorSpec {
            name: node.maybe("name", Node::text)?,
            flags: node.maybe("flags", Flags::parse)?.unwrap_or_default(),
            init: node.maybe("init", Plan::parse)?,
            children,
        })
    }
}

impl Spec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Spec> {
        let mut options = SpecOptions::parse(node)?;
        let Some(id) = node.maybe("id", Node::text)? else {
            options.unfit = Some("missing_id");
            return Ok(Spec { id: String::new(), start: Start::Proc(ProcSpec::default()), options });
        };
        Ok(Spec { id, start: Start::parse(&node.key("start")?)?, options })
    }
}

impl Template {
    fn parse(node: &Node<'_>) -> Parsed<Template> {
        Ok(Template { start: Start::parse(&node.key("start")?)?, options: SpecOptions::parse(node)? })
    }
}

impl SpecOptions {
    fn parse(node: &Node<'_>) -> Parsed<SpecOptions> {
        let mut unfit = None;
        let restart = fit(node, "restart", "restart_type", &mut unfit, |node| match node.value().as_str()? {
            "permanent" => Some(Restart::Permanent),
            "transient" => Some(Restart::Transient),
            "temporary" => Some(Restart::Temporary),
            _ => None,
        })?;
        let significant = fit(node, "significant", "significant", &mut unfit, |node| node.value().as_bool())?;
        let kind = fit(node, "type", "child_type", &mut unfit, |node| match node.value().as_str()? {
            "worker" => Some(ChildKind::Worker),
            "supervisor" => Some(ChildKind::Supervisor),
            _ => None,
        })?;
        let shutdown = fit(node, "shutdown", "shutdown", &mut unfit, |node| match node.value().as_str() {
            Some("brutal_kill") => Some(Shutdown::BrutalKill),
            Some("infinity") => Some(Shutdown::Infinity),
            _ => Some(Shutdown::Timeout(Duration::from_millis(node.natural().ok()?))),
        })?;
        Ok(SpecOptions { restart, shutdown, kind: kind.unwrap_or(ChildKind::Worker), significant, unfit })
    }
}

impl TemplateArgs {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<TemplateArgs> {
        Ok(TemplateArgs { id: node.key("id")?.text()?, worker: node.maybe("worker", WorkerSpec::parse)? })
    }
}
