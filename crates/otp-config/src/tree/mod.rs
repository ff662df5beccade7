//! What the sources say, as one tree in which every value knows where it comes from.

mod arguments;
mod defaults;
mod file;
mod variables;

use std::collections::BTreeMap;

use toml::value::Datetime;

pub(crate) use arguments::read_arguments;
pub(crate) use defaults::of_defaults;
pub(crate) use file::{of_file, of_text};
pub(crate) use variables::of_variables;

use crate::key::{Key, KeyStep};
use crate::origin::Origin;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where its key is.
    pub(crate) key: Origin,
    /// Where the value is.
    pub(crate) origin: Origin,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    Integer(i128),
    Float(f64),
    Flag(bool),
    Time(Datetime),
    String(String),
    /// A text whose type is that of its key: of a variable, of an option.
    Untyped(String),
}

impl Node {
    pub(crate) fn new(origin: Origin, value: Value) -> Node {
        Node { key: origin.clone(), origin, value }
    }

    pub(crate) fn empty(origin: Origin) -> Node {
        Node::new(origin, Value::Table(BTreeMap::new()))
    }

    /// The value of a key.
    pub(crate) fn at_key(&self, key: &Key) -> Option<&Node> {
        key.steps().try_fold(self, |node, step| match (step, &node.value) {
            (KeyStep::Field(name), Value::Table(table)) => table.get(name),
            (KeyStep::Index(index), Value::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Puts a value below this node, in tables that are made where there are none.
    pub(crate) fn insert(&mut self, path: &[String], node: Node) {
        match path {
            [] => self.merge(node),
            [name, rest @ ..] => {
                let mut at = Node::empty(node.key.clone());
                at.insert(rest, node);
                self.merge(Node::new(at.key.clone(), Value::Table(BTreeMap::from([(name.clone(), at)]))));
            }
        }
    }

    /// Lets what a later source says override this: key by key where both are tables.
    pub(crate) fn merge(&mut self, later: Node) {
        match (&mut self.value, later.value) {
            (Value::Table(table), Value::Table(entries)) => {
                for (name, entry) in entries {
                    match table.get_mut(&name) {
                        Some(node) => node.merge(entry),
                        None => drop(table.insert(name, entry)),
                    }
                }
            }
            (_, value) => *self = Node { value, ..later },
        }
    }
}
