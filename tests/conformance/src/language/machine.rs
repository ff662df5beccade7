use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::label::ServerName;
use super::node::{Node, Parsed};
use super::op::{self, Ops};
use super::worker::{Ending, Outcome, Plan};

/// A state machine whose behaviour is data.
#[derive(Clone, Debug)]
pub(crate) struct MachineSpec {
    pub(crate) name: Option<ServerName>,
    pub(crate) trap_exit: bool,
    pub(crate) value: Value,
    pub(crate) init: Option<Plan>,
    pub(crate) terminate: Option<Ending>,
    pub(crate) initial: String,
    /// Whether it says when it enters a state.
    pub(crate) enter: bool,
    /// For each state, what to do at which event.
    states: HashMap<String, HashMap<String, Ops>>,
}

/// What a machine decides in a callback.
#[derive(Clone, Debug)]
pub(crate) enum Deciding {
    Next(String),
    Keep,
    Repeat,
    Postpone,
    NextEvent { kind: EventKind, ops: Ops },
    Timer { timer: TimerKind, setting: TimerSetting },
}

/// The type of an inserted event.
#[derive(Clone, Debug)]
pub(crate) enum EventKind {
    Call,
    Cast,
    Info,
    Internal,
    Timer(TimerKind),
}

#[derive(Clone, Debug)]
pub(crate) enum TimerKind {
    State,
    Event,
    Named(String),
}

#[derive(Clone, Debug)]
pub(crate) enum TimerSetting {
    /// With the name of its event, if it has one.
    After(Duration, Ops),
    Cancel,
    Update(Ops),
}

impl MachineSpec {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<MachineSpec> {
        let states = node.maybe("states", |states| entries(states, |table| entries(table, op::parse)))?;
        Ok(MachineSpec {
            name: node.maybe("name", ServerName::parse)?,
            trap_exit: node.maybe("trap_exit", Node::bool)?.unwrap_or(false),
            value: node.maybe("value", Node::free)?.unwrap_or_default(),
            init: node.maybe("init", Plan::parse)?,
            terminate: node.maybe("terminate", Ending::parse)?,
            initial: node.maybe("initial", Node::text)?.unwrap_or_else(|| "a".to_owned()),
            enter: node.maybe("enter", Node::bool)?.unwrap_or(false),
            states: states.unwrap_or_default(),
        })
    }

    /// What `init` does at attempt `n`, counted from 1.
    pub(crate) fn outcome(&self, n: u32) -> Outcome {
        self.init.as_ref().map_or(Outcome::Ok, |plan| plan.at(n))
    }

    /// What is to be done in a state at an event of this kind and name.
    pub(crate) fn at_event(&self, state: &str, kind: &str, name: Option<&str>) -> Ops {
        let Some(table) = self.states.get(state) else { return Ops::default() };
        let named = name.and_then(|name| table.get(&format!("{kind}:{name}")));
        named.or_else(|| table.get(kind)).or_else(|| table.get("*")).cloned().unwrap_or_default()
    }

    /// What is to be done when a state is entered.
    pub(crate) fn at_entry(&self, state: &str) -> Ops {
        self.states.get(state).and_then(|table| table.get("enter")).cloned().unwrap_or_default()
    }
}

impl Deciding {
    /// `None` if a machine has no such instruction.
    pub(super) fn parse(name: &str, value: &Node<'_>) -> Parsed<Option<Deciding>> {
        Ok(Some(match name {
            "next" => Deciding::Next(value.text()?),
            "keep" => Deciding::Keep,
            "repeat" => Deciding::Repeat,
            "postpone" => Deciding::Postpone,
            "next_event" => Deciding::NextEvent { kind: EventKind::parse(value)?, ops: op::under_op(value)? },
            "state_timeout" => Deciding::Timer { timer: TimerKind::State, setting: TimerSetting::parse(value)? },
            "timeout" => Deciding::Timer { timer: TimerKind::Event, setting: TimerSetting::parse(value)? },
            "named_timeout" => Deciding::Timer {
                timer: TimerKind::Named(value.key("name")?.text()?),
                setting: TimerSetting::parse(value)?,
            },
            _ => return Ok(None),
        }))
    }
}

impl EventKind {
    fn parse(node: &Node<'_>) -> Parsed<EventKind> {
        let Some(kind) = node.optional("type")? else { return Ok(EventKind::Internal) };
        Ok(match kind.str()? {
            "call" => EventKind::Call,
            "cast" => EventKind::Cast,
            "info" => EventKind::Info,
            "internal" => EventKind::Internal,
            "state_timeout" => EventKind::Timer(TimerKind::State),
            "timeout" => EventKind::Timer(TimerKind::Event),
            "named_timeout" => EventKind::Timer(TimerKind::Named(node.key("name")?.text()?)),
            other => return Err(kind.invalid(format!("unknown type of an event \"{other}\""))),
        })
    }
}

impl TimerSetting {
    fn parse(node: &Node<'_>) -> Parsed<TimerSetting> {
        match node.value() {
            Value::Number(_) => return Ok(TimerSetting::After(op::millis(node)?, op::unnamed())),
            Value::String(word) if word == "cancel" => return Ok(TimerSetting::Cancel),
            _ => {}
        }
        if let Some(name) = node.optional("update")? {
            return Ok(TimerSetting::Update(op::event(&name)?));
        }
        if node.maybe("cancel", Node::bool)?.unwrap_or(false) {
            return Ok(TimerSetting::Cancel);
        }
        let limit = node.key("ms")?;
        if limit.value().as_str() == Some("infinity") {
            return Ok(TimerSetting::Cancel);
        }
        Ok(TimerSetting::After(op::millis(&limit)?, node.maybe("event", op::event)?.unwrap_or_else(op::unnamed)))
    }
}

/// The entries of an object.
fn entries<T>(node: &Node<'_>, value: impl Fn(&Node<'_>) -> Parsed<T>) -> Parsed<HashMap<String, T>> {
    let keys = node.value().as_object().into_iter().flat_map(|object| object.keys());
    keys.map(|key| Ok((key.clone(), value(&node.key(key)?)?))).collect()
}
