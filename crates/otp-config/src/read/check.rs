use std::cell::Cell;

use serde::Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::de::Reader;
use super::failure::Failure;
use super::untyped::Untyped;
use crate::key::{Key, nearest};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::secret::ON_THE_COMMAND_LINE;
use crate::shape::Shape;
use crate::tree::{Node, Value};

/// Reads a tree as a value of type `T`; what is wrong in it goes to `problems`, all that can be found. `None` if there is
/// something wrong with the value.
///
/// A deserialization ends with its first error. So each value is deserialized alone, before the table that it is in.
pub(crate) fn read<T: DeserializeOwned>(mut root: Node, shape: &Shape, problems: &mut Vec<Problem>) -> Option<T> {
    prune(&mut root, shape, &Key::default(), problems);
    let mut check = Check { root: &root, shape, path: Vec::new(), problems };
    if !check.below::<T>(&root, shape, &Key::default()) {
        return None;
    }
    let read = T::deserialize(Reader { node: &root, key: Key::default() });
    read.map_err(|failure| check.found(failure)).ok()
}

/// Removes keys that nothing takes.
fn prune(node: &mut Node, shape: &Shape, key: &Key, problems: &mut Vec<Problem>) {
    match (&mut node.value, shape) {
        (Value::Table(table), Shape::Struct(_) | Shape::Map(_)) => table.retain(|name, node| {
            let key = key.field(name);
            let Some(shape) = shape.field(name) else {
                problems.push(Problem::unknown(node.key.clone(), Some(key), nearest(name, shape.fields())));
                return false;
            };
            prune(node, shape, &key, problems);
            true
        }),
        (Value::List(items), Shape::List(item)) => {
            for (index, node) in items.iter_mut().enumerate() {
                prune(node, item, &key.index(index), problems);
            }
        }
        _ => {}
    }
}

struct Check<'a> {
    root: &'a Node,
    shape: &'a Shape,
    /// The names on the way to the node that is checked.
    path: Vec<&'a str>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Check<'a> {
    /// Checks everything below a node, but not the node; false if something is wrong.
    fn below<T: DeserializeOwned>(&mut self, node: &'a Node, shape: &Shape, key: &Key) -> bool {
        let (Value::Table(table), Shape::Struct(_) | Shape::Map(_)) = (&node.value, shape) else { return true };
        let mut is_right = true;
        for (name, node) in table {
            let Some(shape) = shape.field(name) else { continue };
            let key = key.field(name);
            self.path.push(name);
            is_right &= self.below::<T>(node, shape, &key) && self.alone::<T>();
            self.path.pop();
        }
        is_right
    }

    /// Checks the node at the path, without what is beside it.
    fn alone<T: DeserializeOwned>(&mut self) -> bool {
        let failure = Cell::new(None);
        let alone = Alone { node: self.root, key: Key::default(), path: &self.path, failure: &failure };
        // Ends with an error, if it comes as far as that.
        let _ = T::deserialize(alone);
        match failure.into_inner() {
            Some(failure) => {
                self.found(failure);
                false
            }
            None => true,
        }
    }

    fn found(&mut self, mut failure: Failure) {
        let (key, origin) = failure.place.take().map_or((Key::default(), Origin::Defaults), |place| *place);
        self.problems.push(match failure.missing {
            Some(field) => Problem::Missing { key: key.field(field), variable: None, option: None },
            None => {
                let reason = self.told(&key, &failure);
                Problem::invalid(origin, key, reason)
            }
        });
    }
}

impl Check<'_> {
    /// What is told of a failure. Where there is a secret below a key, or may be one, the value that was found may be that
    /// secret in a wrong place. An error of a secret itself shows nothing.
    fn told(&self, key: &Key, failure: &Failure) -> String {
        let is_open = self.shape.at_key(key).is_some_and(|shape| *shape == Shape::Secret || !shape.may_hold_secret());
        let is_plain = |node: &Node| !matches!(node.value, Value::Table(_) | Value::List(_));
        match &failure.found {
            _ if is_open => failure.to_string(),
            Some(_) => format!("{}, found a value that is not shown: it may be a secret", failure.reason),
            // It quotes nothing.
            None if failure.reason == ON_THE_COMMAND_LINE => failure.reason.clone(),
            // A text of the type, which may quote the value.
            None if self.root.at_key(key).is_some_and(is_plain) => {
                "invalid value, which is not shown: it may be a secret".to_owned()
            }
            None => failure.reason.clone(),
        }
    }
}

/// Deserializes the values on the way to one of them, and keeps the error of that one.
struct Alone<'a> {
    node: &'a Node,
    key: Key,
    path: &'a [&'a str],
    failure: &'a Cell<Option<Failure>>,
}

impl Alone<'_> {
    fn on_the_way<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self)
    }
}

impl<'de> Deserializer<'de> for Alone<'_> {
    type Error = Failure;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.on_the_way(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }
}

impl<'de> MapAccess<'de> for Alone<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some(name) = self.path.first() else { return Ok(None) };
        seed.deserialize(Untyped(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let done = || Failure::custom("that is all that is to be known");
        let Some((name, path)) = self.path.split_first() else { return Err(done()) };
        let Value::Table(table) = &self.node.value else { return Err(done()) };
        let Some(node) = table.get(*name) else { return Err(done()) };
        let key = self.key.field(name);
        if !path.is_empty() {
            return seed.deserialize(Alone { node, key, path, failure: self.failure }).and(Err(done()));
        }
        let read = seed.deserialize(Reader { node, key: key.clone() });
        self.failure.set(read.err().map(|failure| failure.at(&key, &node.origin)));
        Err(done())
    }
}
