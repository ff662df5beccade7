use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use serde_json::Value;

use super::label::ServerName;
use super::node::{Node, Parsed};
use super::op::{self, Ops};
use super::reason;

/// A server whose behaviour is data. A key that is absent is `None`, so that one worker can be laid over another.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkerSpec {
    pub(crate) name: Option<ServerName>,
    pub(crate) trap_exit: Option<bool>,
    pub(crate) value: Option<Value>,
    pub(crate) init: Option<Plan>,
    pub(crate) terminate: Option<Ending>,
    pub(crate) on_timeout: Option<Ops>,
    pub(crate) on_info: Option<Ops>,
}

/// What `init` does at each attempt; the last outcome holds for all that follow.
#[derive(Clone, Debug)]
pub(crate) struct Plan(Arc<[Outcome]>);

/// What `init` does.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Ok,
    Ignore,
    Stop(ExitReason),
    Crash(String),
    Exit(ExitReason),
    Hang,
    Sleep(Duration, Box<Outcome>),
    UnlinkParent,
    Ops(Ops),
}

/// What `terminate` does.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    Ok,
    Hang,
    Sleep(Duration),
    Crash(String),
    Exit(ExitReason),
}

impl WorkerSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<WorkerSpec> {
        Ok(WorkerSpec {
            name: node.maybe("name", ServerName::parse)?,
            trap_exit: node.maybe("trap_exit", Node::bool)?,
            value: node.maybe("value", Node::free)?,
            init: node.maybe("init", Plan::parse)?,
            terminate: node.maybe("terminate", Ending::parse)?,
            on_timeout: node.maybe("on_timeout", op::parse)?,
            on_info: node.maybe("on_info", op::parse)?,
        })
    }

    /// This worker, with the keys of another one put over its own.
    pub(crate) fn overlaid(&self, over: &WorkerSpec) -> WorkerSpec {
        let (over, own) = (over.clone(), self.clone());
        WorkerSpec {
            name: over.name.or(own.name),
            trap_exit: over.trap_exit.or(own.trap_exit),
            value: over.value.or(own.value),
            init: over.init.or(own.init),
            terminate: over.terminate.or(own.terminate),
            on_timeout: over.on_timeout.or(own.on_timeout),
            on_info: over.on_info.or(own.on_info),
        }
    }

    /// What `init` does at attempt `n`, counted from 1.
    pub(crate) fn outcome(&self, n: u32) -> Outcome {
        self.init.as_ref().map_or(Outcome::Ok, |plan| plan.at(n))
    }
}

impl Plan {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Plan> {
        if !node.value().is_array() {
            return Ok(Plan([Outcome::parse(node)?].into()));
        }
        let outcomes = node.each(Outcome::parse)?;
        if outcomes.is_empty() {
            return Err(node.invalid("a plan has at least one outcome"));
        }
        Ok(Plan(outcomes))
    }

    pub(crate) fn at(&self, n: u32) -> Outcome {
        let last = self.0.len() - 1;
        self.0[last.min(n.saturating_sub(1) as usize)].clone()
    }
}

impl Outcome {
    fn parse(node: &Node<'_>) -> Parsed<Outcome> {
        if let Some(word) = node.value().as_str() {
            return match word {
                "ok" => Ok(Outcome::Ok),
                "ignore" => Ok(Outcome::Ignore),
                "hang" => Ok(Outcome::Hang),
                _ => Err(node.invalid(format!("unknown outcome \"{word}\""))),
            };
        }
        if let Some(sleep) = node.optional("sleep")? {
            let then = node.maybe("then", Outcome::parse)?.unwrap_or(Outcome::Ok);
            return Ok(Outcome::Sleep(op::millis(&sleep)?, Box::new(then)));
        }
        let (key, value) = node.single()?;
        match key {
            "stop" => Ok(Outcome::Stop(reason::parse(&value)?)),
            "error" => Ok(Outcome::Crash(value.text()?)),
            "exit" => Ok(Outcome::Exit(reason::parse(&value)?)),
            "unlink_parent" => Ok(Outcome::UnlinkParent),
            "ops" => Ok(Outcome::Ops(op::parse(&value)?)),
            _ => Err(node.invalid(format!("unknown outcome \"{key}\""))),
        }
    }
}

impl Ending {
    pub(super) fn parse(node: &Node<'_>) -> Parsed<Ending> {
        if let Some(word) = node.value().as_str() {
            return match word {
                "ok" => Ok(Ending::Ok),
                "hang" => Ok(Ending::Hang),
                _ => Err(node.invalid(format!("unknown ending \"{word}\""))),
            };
        }
        let (key, value) = node.single()?;
        match key {
            "sleep" => Ok(Ending::Sleep(op::millis(&value)?)),
            "error" => Ok(Ending::Crash(value.text()?)),
            "exit" => Ok(Ending::Exit(reason::parse(&value)?)),
            _ => Err(node.invalid(format!("unknown ending \"{key}\""))),
        }
    }
}
