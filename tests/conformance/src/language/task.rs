use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use otp::supervisor::{Restart, Shutdown};
use serde_json::Value;

use super::flags::DynamicFlags;
use super::label::{Label, Limit};
use super::node::{Node, Parsed};
use super::op::millis;
use super::reason;

/// What a step does with tasks.
#[derive(Clone, Debug)]
pub(crate) enum Tasking {
    Supervisor {
        id: String,
        flags: DynamicFlags,
    },
    /// A task that has an owner. One that no step asks for its value tells it in the mailbox of its owner.
    Async {
        id: String,
        body: Arc<Body>,
        supervisor: Option<Label>,
        link: bool,
        trap_exit: bool,
        asked: bool,
    },
    Start {
        id: String,
        body: Arc<Body>,
        link: bool,
    },
    StartChild {
        id: String,
        body: Arc<Body>,
        supervisor: Label,
        restart: Option<Restart>,
        shutdown: Option<Shutdown>,
    },
    Await(String, Limit),
    Yield(String, Limit),
    Shutdown(String, Shutdown),
    Ignore(String),
    AwaitMany(Arc<[String]>, Limit),
    YieldMany(Arc<[String]>, Limit),
    Stream(Streaming),
}

#[derive(Clone, Debug)]
pub(crate) struct Streaming {
    pub(crate) items: Arc<[Body]>,
    pub(crate) max_concurrency: usize,
    pub(crate) ordered: bool,
    pub(crate) limit: Limit,
    pub(crate) kills: bool,
    pub(crate) supervisor: Option<Label>,
    pub(crate) link: bool,
}

/// What a task does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) pause: Option<Duration>,
    pub(crate) ending: TaskEnding,
    pub(crate) log: Option<Value>,
    pub(crate) trap_exit: bool,
    /// What its first start does, its second one, and so on.
    attempts: Arc<[Body]>,
}

#[derive(Clone, Debug)]
pub(crate) enum TaskEnding {
    Value(Value),
    Exit(ExitReason),
    Crash(String),
}

impl Default for TaskEnding {
    fn default() -> TaskEnding {
        TaskEnding::Value(Value::Null)
    }
}

impl Body {
    fn parse(node: &Node<'_>) -> Parsed<Body> {
        let ending = match (node.optional("error")?, node.optional("exit")?, node.optional("value")?) {
            (Some(error), ..) => TaskEnding::Crash(error.text()?),
            (None, Some(exit), _) => TaskEnding::Exit(reason::parse(&exit)?),
            (None, None, Some(value)) => TaskEnding::Value(value.free()?),
            (None, None, None) => TaskEnding::default(),
        };
        Ok(Body {
            pause: node.maybe("sleep", millis)?,
            ending,
            log: node.maybe("log", Node::free)?,
            trap_exit: node.maybe("trap_exit", Node::bool)?.unwrap_or(false),
            attempts: node.maybe("attempts", |list| list.each(Body::parse))?.unwrap_or_default(),
        })
    }

    /// What start `n` does, counted from 1.
    pub(crate) fn at(&self, n: u32) -> &Body {
        let place = usize::try_from(n).map_or(0, |n| n.saturating_sub(1));
        self.attempts.get(place).or(self.attempts.last()).unwrap_or(self)
    }
}

impl Tasking {
    pub(super) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Tasking>> {
        let id = || node.key("as")?.text();
        let body = || Ok(Arc::new(Body::parse(&node.key("body")?)?));
        let task = || node.key("task")?.text();
        let tasks = || node.key("tasks")?.each(Node::text);
        let limit = || Limit::of(node, Limit::millis(5000));
        let link = || Ok(node.maybe("link", Node::bool)?.unwrap_or(true));
        let supervisor = || node.maybe("sup", Label::parse);
        Ok(Some(match verb {
            "start_task_supervisor" => {
                Tasking::Supervisor { id: id()?, flags: node.maybe("flags", DynamicFlags::parse)?.unwrap_or_default() }
            }
            "task_async" => Tasking::Async {
                id: id()?,
                body: body()?,
                supervisor: supervisor()?,
                link: link()?,
                trap_exit: node.maybe("trap_exit", Node::bool)?.unwrap_or(false),
                asked: true,
            },
            "task_start" => Tasking::Start { id: id()?, body: body()?, link: link()? },
            "task_start_child" => Tasking::StartChild {
                id: id()?,
                body: body()?,
                supervisor: Label::parse(&node.key("sup")?)?,
                restart: node.maybe("restart", restart)?,
                shutdown: node.maybe("shutdown", shutdown)?,
            },
            "task_await" => Tasking::Await(task()?, limit()?),
            "task_yield" => Tasking::Yield(task()?, limit()?),
            "task_shutdown" => {
                let how = node.maybe("how", shutdown)?;
                Tasking::Shutdown(task()?, how.unwrap_or(Shutdown::Timeout(Duration::from_secs(5))))
            }
            "task_ignore" => Tasking::Ignore(task()?),
            "task_await_many" => Tasking::AwaitMany(tasks()?, limit()?),
            "task_yield_many" => Tasking::YieldMany(tasks()?, limit()?),
            "task_stream" => Tasking::Stream(Streaming {
                items: node.key("items")?.each(Body::parse)?,
                max_concurrency: node.maybe("max_concurrency", Node::natural)?.map_or(2, |n| n as usize),
                ordered: node.maybe("ordered", Node::bool)?.unwrap_or(true),
                limit: limit()?,
                kills: node.maybe("on_timeout", Node::text)?.is_some_and(|word| word == "kill_task"),
                supervisor: supervisor()?,
                link: link()?,
            }),
            _ => return Ok(None),
        }))
    }

    /// The tasks whose values the step asks for.
    pub(super) fn asks_for(&self) -> &[String] {
        match self {
            Tasking::Await(task, _) | Tasking::Yield(task, _) | Tasking::Shutdown(task, _) | Tasking::Ignore(task) => {
                std::slice::from_ref(task)
            }
            Tasking::AwaitMany(tasks, _) | Tasking::YieldMany(tasks, _) => tasks,
            _ => &[],
        }
    }
}

fn restart(node: &Node<'_>) -> Parsed<Restart> {
    match node.str()? {
        "permanent" => Ok(Restart::Permanent),
        "transient" => Ok(Restart::Transient),
        "temporary" => Ok(Restart::Temporary),
        other => Err(node.invalid(format!("unknown restart type \"{other}\""))),
    }
}

fn shutdown(node: &Node<'_>) -> Parsed<Shutdown> {
    match node.value().as_str() {
        Some("brutal_kill") => Ok(Shutdown::BrutalKill),
        Some("infinity") => Ok(Shutdown::Infinity),
        _ => Ok(Shutdown::Timeout(millis(node)?)),
    }
}
