use std::collections::HashMap;
use std::sync::Arc;

use otp::ExitReason;
use serde_json::Value;

use super::label::{Label, Limit};
use super::node::{Node, Parsed};
use super::op::{self, Ops, Payload};
use super::reason;

/// An event manager: its name.
#[derive(Clone, Debug)]
pub(crate) struct ManagerSpec {
    pub(crate) name: Option<String>,
}

/// An event handler whose behaviour is data.
#[derive(Clone, Debug)]
pub(crate) struct HandlerSpec {
    pub(crate) id: String,
    pub(crate) value: Value,
    pub(crate) init: HandlerInit,
    pub(crate) terminate: HandlerEnding,
    /// What to do at which event.
    table: HashMap<String, Ops>,
}

/// What `init` of a handler does.
#[derive(Clone, Debug)]
pub(crate) enum HandlerInit {
    Ok,
    Hibernate,
    /// What the old handler has left becomes the value.
    Take,
    Fail(Value),
    Crash(String),
    Exit(ExitReason),
}

/// What `terminate` of a handler does, and leaves.
#[derive(Clone, Debug)]
pub(crate) enum HandlerEnding {
    Ok,
    Value,
    Return(Value),
    Crash(String),
    Sleep(std::time::Duration),
}

/// Something with an event manager.
#[derive(Clone, Debug)]
pub(crate) enum Managing {
    Add { to: Label, handler: Arc<HandlerSpec>, supervised: bool },
    Delete { to: Label, handler: String, args: Value },
    Swap { to: Label, old: String, args: Value, handler: Arc<HandlerSpec>, supervised: bool },
    Notify { to: Label, event: Payload },
    SyncNotify { to: Label, event: Payload },
    Call { to: Label, handler: String, ops: Ops, limit: Limit },
    Which(Label),
}

/// A handler that takes the place of another one, as an instruction of that says.
#[derive(Clone, Debug)]
pub(crate) struct Swapping {
    pub(crate) args: Value,
    pub(crate) handler: Arc<HandlerSpec>,
}

impl ManagerSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<ManagerSpec> {
        Ok(ManagerSpec { name: node.maybe("name", Node::text)? })
    }
}

impl HandlerSpec {
    fn parse(node: &Node<'_>) -> Parsed<HandlerSpec> {
        let is_event = |key: &str| {
            let kind = key.split_once(':').map_or(key, |(kind, _)| kind);
            matches!(kind, "event" | "call" | "info" | "*")
        };
        let keys = node.object()?.keys().filter(|key| is_event(key));
        Ok(HandlerSpec {
            id: node.key("id")?.text()?,
            value: node.maybe("value", Node::free)?.unwrap_or_default(),
            init: node.maybe("init", HandlerInit::parse)?.unwrap_or(HandlerInit::Ok),
            terminate: node.maybe("terminate", HandlerEnding::parse)?.unwrap_or(HandlerEnding::Ok),
            table: keys.map(|key| Ok((key.clone(), op::parse(&node.key(key)?)?))).collect::<Parsed<_>>()?,
        })
    }

    /// What is to be done at an event of this kind and name.
    pub(crate) fn at_event(&self, kind: &str, name: Option<&str>) -> Ops {
        let named = name.and_then(|name| self.table.get(&format!("{kind}:{name}")));
        named.or_else(|| self.table.get(kind)).or_else(|| self.table.get("*")).cloned().unwrap_or_default()
    }
}

impl HandlerInit {
    fn parse(node: &Node<'_>) -> Parsed<HandlerInit> {
        match node.value().as_str() {
            Some("ok") => return Ok(HandlerInit::Ok),
            Some("hibernate") => return Ok(HandlerInit::Hibernate),
            Some("take") => return Ok(HandlerInit::Take),
            _ => {}
        }
        let (key, value) = node.single()?;
        match key {
            "fail" => Ok(HandlerInit::Fail(value.free()?)),
            "error" => Ok(HandlerInit::Crash(value.text()?)),
            "exit" => Ok(HandlerInit::Exit(reason::parse(&value)?)),
            _ => Err(node.invalid(format!("unknown init \"{key}\""))),
        }
    }
}

impl HandlerEnding {
    fn parse(node: &Node<'_>) -> Parsed<HandlerEnding> {
        match node.value().as_str() {
            Some("ok") => return Ok(HandlerEnding::Ok),
            Some("value") => return Ok(HandlerEnding::Value),
            _ => {}
        }
        let (key, value) = node.single()?;
        match key {
            "return" => Ok(HandlerEnding::Return(value.free()?)),
            "error" => Ok(HandlerEnding::Crash(value.text()?)),
            "sleep" => Ok(HandlerEnding::Sleep(op::millis(&value)?)),
            _ => Err(node.invalid(format!("unknown terminate \"{key}\""))),
        }
    }
}

impl Swapping {
    pub(super) fn parse(node: &Node<'_>) -> Parsed<Swapping> {
        let args = node.maybe("args", Node::free)?.unwrap_or_default();
        Ok(Swapping { args, handler: Arc::new(HandlerSpec::parse(&node.key("handler")?)?) })
    }
}

impl Managing {
    /// Reads a step; `None` if it has nothing to do with event managers.
    pub(crate) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Managing>> {
        let to = || Label::parse(&node.key("to")?);
        let args = || Ok(node.maybe("args", Node::free)?.unwrap_or_default());
        let supervised = || Ok(node.maybe("sup", Node::bool)?.unwrap_or(false));
        let handler = || Ok(Arc::new(HandlerSpec::parse(&node.key("handler")?)?));
        Ok(Some(match verb {
            "add_handler" => Managing::Add { to: to()?, handler: handler()?, supervised: supervised()? },
            "delete_handler" => Managing::Delete { to: to()?, handler: node.key("handler")?.text()?, args: args()? },
            "swap_handler" => Managing::Swap {
                to: to()?,
                old: node.key("old")?.text()?,
                args: args()?,
                handler: handler()?,
                supervised: supervised()?,
            },
            "notify" => Managing::Notify { to: to()?, event: Payload::parse(node)? },
            "sync_notify" => Managing::SyncNotify { to: to()?, event: Payload::parse(node)? },
            "call_handler" => Managing::Call {
                to: to()?,
                handler: node.key("handler")?.text()?,
                ops: op::under_op(node)?,
                limit: Limit::of(node, Limit::millis(5000))?,
            },
            "which_handlers" => Managing::Which(to()?),
            _ => return Ok(None),
        }))
    }
}
