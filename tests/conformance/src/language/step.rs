use std::sync::Arc;

use otp::ExitReason;
use otp::process::AliasMode;

use super::action::What;
use super::action::{Action, Driving, How, Processing, Served, Serving, Starting, Supervising, Wanted, Which};
use super::agent::{AgentSpec, Asking};
use super::application::Applying;
use super::event::{ManagerSpec, Managing};
use super::flags::DynamicFlags;
use super::group::Grouping;
use super::label::{Label, Limit, Until, Via};
use super::machine::MachineSpec;
use super::node::{Node, Parsed};
use super::op::{self, Payload, under_op};
use super::reason;
use super::registering::registering;
use super::spec::{PartitionSpec, ProcSpec, Spec, SupervisorSpec, TemplateArgs};
use super::sys::Inspecting;
use super::table::Tabling;
use super::task::Tasking;
use super::worker::WorkerSpec;

/// One step of a scenario.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name in the language.
    pub(crate) verb: String,
    pub(crate) action: Action,
    /// The process that executes it; otherwise the driver does.
    pub(crate) from: Option<Label>,
    /// Hand it over and do not wait for it.
    pub(crate) detached: bool,
    pub(crate) settles: bool,
    pub(crate) until: Vec<Until>,
    /// Its events are those of independent processes, and are sorted.
    pub(crate) unordered: bool,
    /// The elements of a returned list are sorted.
    pub(crate) sorted: bool,
}

impl Step {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Step> {
        let verb = node.key("do")?.text()?;
        let flag = |key: &str, default: bool| Ok(node.maybe(key, Node::bool)?.unwrap_or(default));
        let from = node.maybe("from", Label::parse)?.filter(|from| *from != Label::Driver);
        let step = Step {
            action: action(&verb, node)?,
            detached: flag("async", false)?,
            settles: flag("settle", true)?,
            until: node.maybe("until", |list| list.list()?.iter().map(Until::parse).collect())?.unwrap_or_default(),
            unordered: flag("unordered", false)?,
            sorted: flag("sorted", false)?,
            from,
            verb,
        };
        let needs_from = step.detached || matches!(step.action, Action::Drive(Driving::Join));
        if needs_from && step.from.is_none() {
            return Err(node.invalid("\"from\" is missing"));
        }
        if step.from.is_some() && matches!(step.action, Action::Drive(Driving::Sleep(_) | Driving::Sync)) {
            return Err(node.invalid(format!("only the driver does \"{}\"", step.verb)));
        }
        Ok(step)
    }
}

fn action(verb: &str, node: &Node<'_>) -> Parsed<Action> {
    match verb {
        "sleep" => return Ok(Action::Drive(Driving::Sleep(op::millis(&node.key("ms")?)?))),
        "sync" => return Ok(Action::Drive(Driving::Sync)),
        "join" => return Ok(Action::Drive(Driving::Join)),
        "partitions" => return Ok(Action::Partitions(text(node, "sup")?)),
        _ => {}
    }
    if let Some(starting) = starting(verb, node)? {
        return Ok(Action::Start(starting));
    }
    if let Some(request) = supervising(verb, node)? {
        return Ok(Action::Supervise(label(node, "sup")?, request));
    }
    if let Some(serving) = serving(verb, node)? {
        return Ok(Action::Serve(serving));
    }
    if let Some(inspecting) = Inspecting::parse(verb, node)? {
        return Ok(Action::Inspect(inspecting));
    }
    if let Some(tasking) = Tasking::parse(verb, node)? {
        return Ok(Action::Task(tasking));
    }
    if let Some(asking) = Asking::parse(verb, node)? {
        return Ok(Action::Agent(asking));
    }
    if let Some(applying) = Applying::parse(verb, node)? {
        return Ok(Action::Apply(applying));
    }
    if let Some(managing) = Managing::parse(verb, node)? {
        return Ok(Action::Manage(managing));
    }
    if let Some(grouping) = Grouping::parse(verb, node)? {
        return Ok(Action::Group(grouping));
    }
    if let Some(tabling) = Tabling::parse(verb, node)? {
        return Ok(Action::Table(tabling));
    }
    if let Some(registering) = registering(verb, node)? {
        return Ok(Action::Register(text(node, "registry")?, registering));
    }
    match processing(verb, node)? {
        Some(processing) => Ok(Action::Process(processing)),
        None => Err(node.invalid(format!("unknown step \"{verb}\""))),
    }
}

fn starting(verb: &str, node: &Node<'_>) -> Parsed<Option<Starting>> {
    Ok(Some(match verb {
        "spawn" => Starting::Spawn {
            id: text(node, "as")?,
            proc: ProcSpec::parse(node)?,
            link: node.maybe("link", Node::bool)?.unwrap_or(false),
            monitor: node.maybe("monitor", Node::text)?,
        },
        "start" if node.optional("agent")?.is_some() => Starting::Agent {
            id: text(node, "as")?,
            agent: AgentSpec::parse(&node.key("agent")?)?,
            how: node.maybe("how", how)?.unwrap_or(How::StartLink),
            init_limit: Limit::of(node, Limit::Never)?,
        },
        "start" if node.optional("manager")?.is_some() => Starting::Manager {
            id: text(node, "as")?,
            manager: ManagerSpec::parse(&node.key("manager")?)?,
            link: node.maybe("how", how)?.unwrap_or(How::StartLink) != How::Start,
        },
        "start" => Starting::Server {
            id: text(node, "as")?,
            server: match node.optional("machine")? {
                Some(machine) => Served::Machine(Arc::new(MachineSpec::parse(&machine)?)),
                None => Served::Worker(Arc::new(node.maybe("worker", WorkerSpec::parse)?.unwrap_or_default())),
            },
            how: node.maybe("how", how)?.unwrap_or(How::StartLink),
            init_limit: Limit::of(node, Limit::Never)?,
            monitor: node.maybe("monitor", Node::text)?,
        },
        "start_supervisor" => {
            Starting::Supervisor { id: text(node, "as")?, spec: Arc::new(SupervisorSpec::parse(node)?) }
        }
        "pg_start" => Starting::Scope { id: text(node, "as")? },
        "start_partition_supervisor" => {
            Starting::Partitions { id: text(node, "as")?, spec: PartitionSpec::parse(node)? }
        }
        "start_dynamic_supervisor" => Starting::Dynamic {
            id: text(node, "as")?,
            flags: node.maybe("flags", DynamicFlags::parse)?.unwrap_or_default(),
        },
        "registry_start" => Starting::Registry {
            id: text(node, "as")?,
            unique: match node.key("keys")?.str()? {
                "unique" => true,
                "duplicate" => false,
                other => return Err(node.invalid(format!("unknown keys \"{other}\""))),
            },
            listeners: node.maybe("listeners", |list| Ok(list.each(Node::text)?.to_vec()))?.unwrap_or_default(),
        },
        _ => return Ok(None),
    }))
}

fn supervising(verb: &str, node: &Node<'_>) -> Parsed<Option<Supervising>> {
    Ok(Some(match verb {
        "start_child" => Supervising::StartChild(match node.optional("child")? {
            Some(child) => What::Child(Spec::parse(&child)?),
            None => What::Args(TemplateArgs::parse(&node.key("args")?)?),
        }),
        "terminate_child" => Supervising::TerminateChild(which(node)?),
        "restart_child" => Supervising::RestartChild(text(node, "id")?),
        "delete_child" => Supervising::DeleteChild(text(node, "id")?),
        "which_children" => Supervising::WhichChildren,
        "count_children" => Supervising::CountChildren,
        "get_childspec" => Supervising::ChildSpec(which(node)?),
        _ => return Ok(None),
    }))
}

fn serving(verb: &str, node: &Node<'_>) -> Parsed<Option<Serving>> {
    let five_seconds = Limit::millis(5000);
    Ok(Some(match verb {
        "call" => Serving::Call { to: label(node, "to")?, ops: under_op(node)?, limit: Limit::of(node, five_seconds)? },
        "cast" => Serving::Cast { to: label(node, "to")?, ops: under_op(node)? },
        "send" => Serving::Send { to: label(node, "to")?, payload: Payload::parse(node)? },
        "send_request" => {
            Serving::SendRequest { to: label(node, "to")?, ops: under_op(node)?, name: text(node, "as")? }
        }
        "receive_response" => {
            Serving::ReceiveResponse { request: text(node, "req")?, limit: Limit::of(node, five_seconds)? }
        }
        "wait_response" => Serving::WaitResponse { request: text(node, "req")?, limit: Limit::of(node, five_seconds)? },
        "stop" => Serving::Stop {
            to: label(node, "to")?,
            reason: node.maybe("reason", reason::parse)?.unwrap_or(ExitReason::Normal),
            limit: Limit::of(node, Limit::Never)?,
        },
        _ => return Ok(None),
    }))
}

fn processing(verb: &str, node: &Node<'_>) -> Parsed<Option<Processing>> {
    let own = |key| Ok(node.maybe(key, Label::parse)?.unwrap_or(Label::Own));
    let delay = || op::millis(&node.key("ms")?);
    let message = || node.key("msg")?.free();
    Ok(Some(match verb {
        "exit" => Processing::Exit { to: label(node, "to")?, reason: reason::parse(&node.key("reason")?)? },
        "exit_self" => Processing::ExitSelf(reason::parse(&node.key("reason")?)?),
        "crash_self" => Processing::CrashSelf(text(node, "error")?),
        "return" => Processing::Return,
        "link" => Processing::Link(label(node, "to")?),
        "unlink" => Processing::Unlink(label(node, "to")?),
        "monitor" => Processing::Monitor { to: label(node, "to")?, name: text(node, "as")? },
        "demonitor" => {
            let options = node.maybe("options", |list| list.each(Node::text))?.unwrap_or_default();
            let has = |option: &str| options.iter().any(|given| given == option);
            Processing::Demonitor { name: text(node, "ref")?, flush: has("flush"), info: has("info") }
        }
        "trap_exit" => Processing::TrapExit(node.key("on")?.bool()?),
        "register" => Processing::Register { name: text(node, "name")?, to: own("to")? },
        "unregister" => Processing::Unregister(text(node, "name")?),
        "whereis" => Processing::Whereis(match node.optional("via")? {
            Some(via) => Label::Via(Via::parse(&via)?),
            None => Label::Named(text(node, "name")?),
        }),
        "alive" => Processing::Alive(label(node, "of")?),
        "links" => Processing::Links(label(node, "of")?),
        "flush" => Processing::Flush,
        "receive" => Processing::Receive {
            wanted: node.maybe("match", wanted)?.unwrap_or(Wanted::Any),
            limit: Limit::of(node, Limit::millis(0))?,
        },
        "send_after" => {
            Processing::SendAfter { delay: delay()?, to: own("to")?, message: message()?, name: text(node, "as")? }
        }
        "start_timer" => {
            Processing::StartTimer { delay: delay()?, to: own("to")?, message: message()?, name: text(node, "as")? }
        }
        "cancel_timer" => Processing::CancelTimer(text(node, "ref")?),
        "read_timer" => Processing::ReadTimer(text(node, "ref")?),
        "alias" => Processing::Alias {
            name: text(node, "as")?,
            mode: node.maybe("mode", alias_mode)?.unwrap_or(AliasMode::Explicit),
        },
        "unalias" => Processing::Unalias(text(node, "ref")?),
        "send_alias" => Processing::SendAlias { name: text(node, "ref")?, message: message()? },
        _ => return Ok(None),
    }))
}

fn text(node: &Node<'_>, key: &str) -> Parsed<String> {
    node.key(key)?.text()
}

fn label(node: &Node<'_>, key: &str) -> Parsed<Label> {
    Label::parse(&node.key(key)?)
}

fn which(node: &Node<'_>) -> Parsed<Which> {
    match node.optional("pid")? {
        Some(pid) => Ok(Which::Pid(Label::parse(&pid)?)),
        None => Ok(Which::Id(text(node, "id")?)),
    }
}

fn how(node: &Node<'_>) -> Parsed<How> {
    match node.str()? {
        "start" => Ok(How::Start),
        "start_link" => Ok(How::StartLink),
        "start_monitor" => Ok(How::StartMonitor),
        other => Err(node.invalid(format!("unknown way to start \"{other}\""))),
    }
}

fn alias_mode(node: &Node<'_>) -> Parsed<AliasMode> {
    match node.str()? {
        "explicit" => Ok(AliasMode::Explicit),
        "reply" => Ok(AliasMode::Reply),
        other => Err(node.invalid(format!("unknown mode \"{other}\""))),
    }
}

fn wanted(node: &Node<'_>) -> Parsed<Wanted> {
    if node.value().is_null() {
        return Ok(Wanted::Any);
    }
    let (key, value) = node.single()?;
    match key {
        "msg" => Ok(Wanted::Message(value.free()?)),
        "down" => Ok(Wanted::Down(value.text()?)),
        "exit" => Ok(Wanted::Exit(Label::parse(&value)?)),
        _ => Err(node.invalid("\"msg\", \"down\" or \"exit\" is wanted")),
    }
}
