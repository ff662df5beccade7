use otp::ExitReason;
use otp::process::Term;
use serde_json::Value;

use super::label::{Label, Limit};
use super::node::{Node, Parsed};
use super::reason::Said;

/// A step that looks into a server, or acts on it, from outside.
#[derive(Clone, Debug)]
pub(crate) struct Inspecting {
    pub(crate) to: Label,
    pub(crate) limit: Limit,
    pub(crate) request: SysRequest,
}

#[derive(Clone, Debug)]
pub(crate) enum SysRequest {
    State,
    ReplaceState(Replacing),
    Suspend,
    Resume,
    Status,
    ChangeCode(CodeChange),
    Statistics(Switch),
    Log(Switch),
    Trace(bool),
    NoDebug,
}

/// What takes the place of a state: only what is named changes.
#[derive(Clone, Debug)]
pub(crate) struct Replacing {
    pub(crate) state: Option<String>,
    pub(crate) value: Option<Value>,
    /// The function that replaces it crashes, with this message.
    pub(crate) crash: Option<String>,
}

/// What the callback for a change of the code does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CodeChange {
    /// The state that a machine has then, if it is another one.
    pub(crate) state: Option<String>,
    pub(crate) change: Change,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Value(Value),
    /// The value, in an object under this key.
    Wrap(String),
    Refuse(Value),
    Crash(String),
    Nothing,
}

/// Whether something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    /// As many as that.
    Last(usize),
    Off,
    /// What has been kept is asked for.
    Get,
}

impl Inspecting {
    /// `None` if this is another step.
    pub(super) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Inspecting>> {
        let request = match verb {
            "get_state" => SysRequest::State,
            "replace_state" => SysRequest::ReplaceState(Replacing {
                state: node.maybe("state", Node::text)?,
                value: node.maybe("value", Node::free)?,
                crash: node.maybe("error", Node::text)?,
            }),
            "suspend" => SysRequest::Suspend,
            "resume" => SysRequest::Resume,
            "get_status" => SysRequest::Status,
            "change_code" => SysRequest::ChangeCode(CodeChange::parse(node)?),
            "sys_statistics" => SysRequest::Statistics(Switch::of(node)?),
            "sys_log" => SysRequest::Log(Switch::of(node)?),
            "sys_trace" => SysRequest::Trace(node.key("on")?.bool()?),
            "sys_no_debug" => SysRequest::NoDebug,
            _ => return Ok(None),
        };
        let (to, limit) = (Label::parse(&node.key("to")?)?, Limit::of(node, Limit::millis(5000))?);
        Ok(Some(Inspecting { to, limit, request }))
    }
}

impl CodeChange {
    fn parse(node: &Node<'_>) -> Parsed<CodeChange> {
        let change = if let Some(message) = node.maybe("error", Node::text)? {
            Change::Crash(message)
        } else if let Some(reason) = node.maybe("fail", Node::free)? {
            Change::Refuse(reason)
        } else if let Some(key) = node.maybe("wrap", Node::text)? {
            Change::Wrap(key)
        } else {
            node.maybe("value", Node::free)?.map_or(Change::Nothing, Change::Value)
        };
        Ok(CodeChange { state: node.maybe("state", Node::text)?, change })
    }

    /// The change that a `code_change` callback is handed.
    pub(crate) fn of(extra: &Term) -> CodeChange {
        let nothing = || CodeChange { state: None, change: Change::Nothing };
        extra.downcast_ref().cloned().unwrap_or_else(nothing)
    }
}

impl Change {
    /// The value after the change; an error if it is refused.
    pub(crate) fn of(self, value: &Value, crash: impl FnOnce(&str) -> Value) -> Result<Value, ExitReason> {
        Ok(match self {
            Change::Value(new) => new,
            Change::Wrap(key) => Value::Object([(key, value.clone())].into_iter().collect()),
            Change::Refuse(why) => return Err(ExitReason::other(Said(serde_json::json!({ "exit": why })))),
            Change::Crash(message) => crash(&message),
            Change::Nothing => value.clone(),
        })
    }
}

impl Switch {
    fn of(node: &Node<'_>) -> Parsed<Switch> {
        let Some(on) = node.optional("on")? else { return Ok(Switch::Get) };
        match on.value() {
            Value::Bool(true) => Ok(Switch::On),
            Value::Bool(false) => Ok(Switch::Off),
            Value::String(word) if word == "get" => Ok(Switch::Get),
            Value::Number(_) => Ok(Switch::Last(on.natural()? as usize)),
            _ => Err(on.invalid("true, false, a number or \"get\" is wanted")),
        }
    }
}
