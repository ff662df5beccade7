use serde_json::Value;

use super::label::{Label, Limit};
use super::node::{Node, Parsed};
use super::op::{self, Op, Ops};

/// An agent: its name, and what makes its first value.
#[derive(Clone, Debug)]
pub(crate) struct AgentSpec {
    pub(crate) name: Option<String>,
    pub(crate) function: Function,
}

/// What is done with an agent.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) to: Label,
    pub(crate) request: AgentRequest,
    pub(crate) function: Function,
    pub(crate) limit: Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentRequest {
    Get,
    Update,
    GetAndUpdate,
    Cast,
}

/// Ops that make one value of another, inside an agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function(pub(crate) Ops);

impl AgentSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<AgentSpec> {
        Ok(AgentSpec { name: node.maybe("name", Node::text)?, function: Function::of(node)? })
    }
}

impl Asking {
    /// Reads a step; `None` if it has nothing to do with agents.
    pub(crate) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Asking>> {
        let request = match verb {
            "agent_get" => AgentRequest::Get,
            "agent_update" => AgentRequest::Update,
            "agent_get_and_update" => AgentRequest::GetAndUpdate,
            "agent_cast" => AgentRequest::Cast,
            _ => return Ok(None),
        };
        let to = Label::parse(&node.key("to")?)?;
        let limit = Limit::of(node, Limit::millis(5000))?;
        Ok(Some(Asking { to, request, function: Function::of(node)?, limit }))
    }
}

impl Function {
    fn of(node: &Node<'_>) -> Parsed<Function> {
        let Some(function) = node.optional("fun")? else { return Ok(Function::default()) };
        let ops = op::parse(&function)?;
        let fits = |op: &Op| {
            matches!(op, Op::Set(_) | Op::Add(_) | Op::Push(_) | Op::Sleep(_) | Op::Log(_) | Op::Crash(_) | Op::Exit(_))
        };
        match ops.iter().find(|op| !fits(op)) {
            Some(op) => Err(function.invalid(format!("no agent does {op:?}"))),
            None => Ok(Function(ops)),
        }
    }

    /// Whether it neither waits nor fails, so that it needs no async closure.
    pub(crate) fn is_plain(&self) -> bool {
        !self.0.iter().any(|op| matches!(op, Op::Sleep(_) | Op::Exit(_)))
    }
}

/// Adds to a number.
pub(crate) fn add(value: &mut Value, n: i64) {
    if let Some(old) = value.as_i64() {
        *value = Value::from(old + n);
    }
}

/// Appends to a list.
pub(crate) fn push(value: &mut Value, element: &Value) {
    if let Value::Array(list) = value {
        list.push(element.clone());
    }
}
