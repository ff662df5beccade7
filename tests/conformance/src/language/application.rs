use std::collections::BTreeMap;
use std::sync::Arc;

use otp::ExitReason;
use otp::application::StartType;
use serde_json::Value;

use super::label::Label;
use super::node::{Node, Parsed};
use super::reason;
use super::spec::SupervisorSpec;
use super::worker::Ending;

/// What is done with applications.
#[derive(Clone, Debug)]
pub(crate) enum Applying {
    Load(Arc<AppPlan>),
    Unload(String),
    Start { app: String, start_type: StartType },
    EnsureStarted { app: String, start_type: StartType },
    EnsureAllStarted { app: String, start_type: StartType },
    Stop(String),
    Running,
    Loaded,
    Env { app: String, key: String, default: Option<Value> },
    SetEnv { app: String, key: String, value: Value },
    UnsetEnv { app: String, key: String },
    AllEnv(String),
    Of(Label),
}

/// An application whose callbacks are data.
#[derive(Clone, Debug)]
pub(crate) struct AppPlan {
    pub(crate) id: String,
    pub(crate) dependencies: Vec<String>,
    pub(crate) env: Vec<(String, Value)>,
    pub(crate) is_library: bool,
    /// What `start` does at each attempt; the last one holds for all that follow.
    starts: Vec<AppStart>,
    /// What `start` returns with the pid.
    pub(crate) state: Option<Value>,
    pub(crate) prep_stop: Option<PrepStop>,
    pub(crate) stop: Option<Ending>,
    pub(crate) phases: Vec<(String, Value)>,
    pub(crate) on_phase: BTreeMap<String, PhaseFailure>,
}

#[derive(Clone, Debug)]
pub(crate) enum AppStart {
    Supervisor(Option<Arc<SupervisorSpec>>),
    Fail(Value),
    Crash(String),
    Exit(ExitReason),
}

#[derive(Clone, Debug)]
pub(crate) enum PrepStop {
    State(Value),
    Crash(String),
}

#[derive(Clone, Debug)]
pub(crate) enum PhaseFailure {
    Fail(Value),
    Crash(String),
}

impl Applying {
    /// Reads a step; `None` if it has nothing to do with applications.
    pub(crate) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Applying>> {
        let text = |key: &str| node.key(key)?.text();
        let app = || text("app");
        Ok(Some(match verb {
            "app_load" => Applying::Load(Arc::new(AppPlan::parse(&node.key("app")?)?)),
            "app_unload" => Applying::Unload(app()?),
            "app_start" => Applying::Start { app: app()?, start_type: start_type(node)? },
            "app_ensure_started" => Applying::EnsureStarted { app: app()?, start_type: start_type(node)? },
            "app_ensure_all_started" => Applying::EnsureAllStarted { app: app()?, start_type: start_type(node)? },
            "app_stop" => Applying::Stop(app()?),
            "app_running" => Applying::Running,
            "app_loaded" => Applying::Loaded,
            "app_get_env" => {
                Applying::Env { app: app()?, key: text("key")?, default: node.maybe("default", Node::free)? }
            }
            "app_set_env" => Applying::SetEnv { app: app()?, key: text("key")?, value: node.key("value")?.free()? },
            "app_unset_env" => Applying::UnsetEnv { app: app()?, key: text("key")? },
            "app_all_env" => Applying::AllEnv(app()?),
            "app_of" => Applying::Of(Label::parse(&node.key("of")?)?),
            _ => return Ok(None),
        }))
    }
}

impl AppPlan {
    fn parse(node: &Node<'_>) -> Parsed<AppPlan> {
        let starts = match node.optional("start")? {
            None => vec![AppStart::Supervisor(None)],
            Some(start) if start.value().is_array() => start.each(AppStart::parse)?.to_vec(),
            Some(start) => vec![AppStart::parse(&start)?],
        };
        if starts.is_empty() {
            return Err(node.invalid("a plan has at least one outcome"));
        }
        Ok(AppPlan {
            id: node.key("id")?.text()?,
            dependencies: node.maybe("deps", |list| Ok(list.each(Node::text)?.to_vec()))?.unwrap_or_default(),
            env: node.maybe("env", |env| entries(env, Node::free))?.unwrap_or_default(),
            is_library: node.maybe("library", Node::bool)?.unwrap_or(false),
            starts,
            state: node.maybe("state", Node::free)?,
            prep_stop: node.maybe("prep_stop", PrepStop::parse)?,
            stop: node.maybe("stop", Ending::parse)?,
            phases: node.maybe("phases", |list| Ok(list.each(phase)?.to_vec()))?.unwrap_or_default(),
            on_phase: node
                .maybe("on_phase", |failures| entries(failures, PhaseFailure::parse))?
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }

    /// What `start` does at attempt `n`, counted from 1.
    pub(crate) fn start(&self, n: u32) -> AppStart {
        let last = self.starts.len() - 1;
        self.starts[last.min(n.saturating_sub(1) as usize)].clone()
    }
}

impl AppStart {
    fn parse(node: &Node<'_>) -> Parsed<AppStart> {
        let (key, value) = node.single()?;
        Ok(match key {
            "supervisor" => AppStart::Supervisor(Some(Arc::new(SupervisorSpec::parse(&value)?))),
            "fail" => AppStart::Fail(value.free()?),
            "error" => AppStart::Crash(value.text()?),
            "exit" => AppStart::Exit(reason::parse(&value)?),
            _ => return Err(node.invalid(format!("unknown start \"{key}\""))),
        })
    }
}

impl PrepStop {
    fn parse(node: &Node<'_>) -> Parsed<PrepStop> {
        match node.maybe_key("error")? {
            Some(error) => Ok(PrepStop::Crash(error.text()?)),
            None => Ok(PrepStop::State(node.free()?)),
        }
    }
}

impl PhaseFailure {
    fn parse(node: &Node<'_>) -> Parsed<PhaseFailure> {
        let (key, value) = node.single()?;
        match key {
            "fail" => Ok(PhaseFailure::Fail(value.free()?)),
            "error" => Ok(PhaseFailure::Crash(value.text()?)),
            _ => Err(node.invalid(format!("unknown failure \"{key}\""))),
        }
    }
}

fn start_type(node: &Node<'_>) -> Parsed<StartType> {
    let parse = |node: &Node<'_>| match node.str()? {
        "temporary" => Ok(StartType::Temporary),
        "transient" => Ok(StartType::Transient),
        "permanent" => Ok(StartType::Permanent),
        other => Err(node.invalid(format!("unknown type \"{other}\""))),
    };
    Ok(node.maybe("type", parse)?.unwrap_or_default())
}

/// `[name, args]`.
fn phase(node: &Node<'_>) -> Parsed<(String, Value)> {
    match &node.list()?[..] {
        [name, args] => Ok((name.text()?, args.free()?)),
        _ => Err(node.invalid("a name and an argument are wanted")),
    }
}

fn entries<'a, T>(node: &Node<'a>, read: impl Fn(&Node<'a>) -> Parsed<T>) -> Parsed<Vec<(String, T)>> {
    node.object()?.keys().map(|key| Ok((key.clone(), read(&node.key(key)?)?))).collect()
}
