use std::time::Duration;

use serde_json::Value;

use super::node::{Node, Parsed};

/// Whom a step means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// The latest incarnation that started successfully.
    Latest(String),
    /// That incarnation.
    Exact(String, u32),
    /// Whoever holds the name.
    Named(String),
    /// The partition for a key of a supervisor of partitions.
    Partition { sup: String, key: i64 },
    /// Whoever holds the key of a registry.
    Via(Via),
    /// The process that executes the step.
    Own,
    /// The driver.
    Driver,
}

impl Label {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Label> {
        if node.value().is_object() {
            let (key, value) = node.single()?;
            return match key {
                "name" => Ok(Label::Named(value.text()?)),
                "via" => Ok(Label::Via(Via::parse(&value)?)),
                "partition" => {
                    let number = value.key("key")?;
                    let key = number.value().as_i64().ok_or_else(|| number.invalid("an integer is wanted"))?;
                    Ok(Label::Partition { sup: value.key("sup")?.text()?, key })
                }
                _ => Err(node.invalid("a label that is an object has the one key \"name\", \"partition\" or \"via\"")),
            };
        }
        Ok(match node.str()? {
            "self" => Label::Own,
            "driver" => Label::Driver,
            text => match text.split_once('#') {
                None => Label::Latest(text.to_owned()),
                Some((id, number)) => Label::Exact(id.to_owned(), incarnation(node, number)?),
            },
        })
    }

    /// The id of the actor that is meant, if one is named.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Label::Latest(id) | Label::Exact(id, _) => Some(id),
            _ => None,
        }
    }
}

/// A key of a registry, in place of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    /// The id of the registry.
    pub(crate) registry: String,
    pub(crate) key: Value,
}

impl Via {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Via> {
        Ok(Via { registry: node.key("registry")?.text()?, key: node.key("key")?.free()? })
    }
}

/// The name of a server: its own, or a key of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerName {
    Local(String),
    Via(Via),
}

impl ServerName {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<ServerName> {
        match node.maybe_key("via")? {
            Some(via) => Ok(ServerName::Via(Via::parse(&via)?)),
            None => Ok(ServerName::Local(node.text()?)),
        }
    }
}

/// An event to wait for: the start or the end of one incarnation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// The attempt has its result, good or bad.
    Start(String, u32),
    /// It has ended.
    Exit(String, u32),
    /// Everything stops.
    Halt,
}

impl Until {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Until> {
        let (key, label) = node.single()?;
        let Label::Exact(id, n) = Label::parse(&label)? else {
            return Err(label.invalid("an incarnation is wanted, such as \"a#1\""));
        };
        match key {
            "start" => Ok(Until::Start(id, n)),
            "exit" => Ok(Until::Exit(id, n)),
            "halt" => Ok(Until::Halt),
            _ => Err(node.invalid("\"start\", \"exit\" or \"halt\" is wanted")),
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// At most so long.
    After(Duration),
    /// Without limit.
    Never,
}

impl Limit {
    /// The limit under the key `timeout`; `default` if there is none.
    pub(crate) fn of(node: &Node<'_>, default: Limit) -> Parsed<Limit> {
        Ok(node.maybe("timeout", Limit::parse)?.unwrap_or(default))
    }

    pub(crate) fn millis(millis: u64) -> Limit {
        Limit::After(Duration::from_millis(millis))
    }

    /// The limit as a duration, for what has no other word for "never".
    pub(crate) fn duration(self) -> Duration {
        match self {
            Limit::After(limit) => limit,
            Limit::Never => Duration::MAX,
        }
    }

    fn parse(node: &Node<'_>) -> Parsed<Limit> {
        match node.value().as_str() {
            Some("infinity") => Ok(Limit::Never),
            _ => Ok(Limit::millis(node.natural()?)),
        }
    }
}

fn incarnation(node: &Node<'_>, number: &str) -> Parsed<u32> {
    number.parse().map_err(|_| node.invalid(format!("\"{number}\" is no incarnation")))
}
