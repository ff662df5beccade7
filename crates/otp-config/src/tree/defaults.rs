use serde::Serialize;
use toml::Value as Toml;

use super::{Node, Value};
use crate::origin::Origin;

/// The fields of a value that serves as the defaults.
pub(crate) fn of_defaults(value: &impl Serialize) -> Result<Node, String> {
    Toml::try_from(value).map(node).map_err(|error| error.to_string())
}

fn node(value: Toml) -> Node {
    let value = match value {
        Toml::String(text) => Value::String(text),
        Toml::Integer(number) => Value::Integer(number.into()),
        Toml::Float(number) => Value::Float(number),
        Toml::Boolean(flag) => Value::Flag(flag),
        Toml::Datetime(time) => Value::Time(time),
        Toml::Array(items) => Value::List(items.into_iter().map(node).collect()),
        Toml::Table(table) => Value::Table(table.into_iter().map(|(name, value)| (name, node(value))).collect()),
    };
    Node::new(Origin::Defaults, value)
}
