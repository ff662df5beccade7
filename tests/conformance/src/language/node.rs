use std::sync::Arc;

use serde_json::{Map, Value};

use super::scenario::Invalid;

/// A value of a scenario file, and the place where it stands, for error messages.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    place: String,
}

pub(crate) type Parsed<T> = Result<T, Invalid>;

impl<'a> Node<'a> {
    pub(crate) fn new(value: &'a Value, place: impl Into<String>) -> Node<'a> {
        Node { value, place: place.into() }
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    /// The error that something is wrong here.
    pub(crate) fn invalid(&self, problem: impl Into<String>) -> Invalid {
        Invalid { place: self.place.clone(), problem: problem.into() }
    }

    pub(crate) fn object(&self) -> Parsed<&'a Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.wanted("an object"))
    }

    /// The only key of an object, and its value.
    pub(crate) fn single(&self) -> Parsed<(&'a str, Node<'a>)> {
        let object = self.object()?;
        let mut entries = object.iter();
        match (entries.next(), entries.next()) {
            (Some((key, value)), None) => Ok((key, Node::new(value, format!("{}.{key}", self.place)))),
            _ => Err(self.invalid("an object with exactly one key is wanted")),
        }
    }

    /// The value under a key that has to be there.
    pub(crate) fn key(&self, key: &str) -> Parsed<Node<'a>> {
        self.optional(key)?.ok_or_else(|| self.invalid(format!("\"{key}\" is missing")))
    }

    /// The value under a key, if there is one.
    pub(crate) fn optional(&self, key: &str) -> Parsed<Option<Node<'a>>> {
        Ok(self.object()?.get(key).map(|value| Node::new(value, format!("{}.{key}", self.place))))
    }

    /// The value under a key, if this is an object that has it.
    pub(crate) fn maybe_key(&self, key: &str) -> Parsed<Option<Node<'a>>> {
        if self.value.is_object() { self.optional(key) } else { Ok(None) }
    }

    /// What `read` makes of the value under a key, if there is one.
    pub(crate) fn maybe<T>(&self, key: &str, read: impl FnOnce(&Node<'a>) -> Parsed<T>) -> Parsed<Option<T>> {
        self.optional(key)?.map(|node| read(&node)).transpose()
    }

    pub(crate) fn list(&self) -> Parsed<Vec<Node<'a>>> {
        let list = self.value.as_array().ok_or_else(|| self.wanted("a list"))?;
        let nodes = list.iter().enumerate();
        Ok(nodes.map(|(at, value)| Node::new(value, format!("{}[{at}]", self.place))).collect())
    }

    pub(crate) fn text(&self) -> Parsed<String> {
        Ok(self.str()?.to_owned())
    }

    pub(crate) fn str(&self) -> Parsed<&'a str> {
        self.value.as_str().ok_or_else(|| self.wanted("a string"))
    }

    pub(crate) fn natural(&self) -> Parsed<u64> {
        self.value.as_u64().ok_or_else(|| self.wanted("an integer that is not negative"))
    }

    pub(crate) fn integer(&self) -> Parsed<i64> {
        self.value.as_i64().ok_or_else(|| self.wanted("an integer"))
    }

    pub(crate) fn bool(&self) -> Parsed<bool> {
        self.value.as_bool().ok_or_else(|| self.wanted("true or false"))
    }

    /// A free value, whose numbers are integers all the same.
    pub(crate) fn free(&self) -> Parsed<Value> {
        match self.value {
            Value::Number(number) if number.is_f64() => Err(self.wanted("an integer")),
            Value::Array(_) => self.list()?.iter().map(Node::free).collect(),
            Value::Object(object) => {
                for key in object.keys() {
                    self.key(key)?.free()?;
                }
                Ok(self.value.clone())
            }
            other => Ok(other.clone()),
        }
    }

    /// A list of what `read` makes of the elements.
    pub(crate) fn each<T>(&self, read: impl Fn(&Node<'a>) -> Parsed<T>) -> Parsed<Arc<[T]>> {
        self.list()?.iter().map(read).collect()
    }

    fn wanted(&self, what: &str) -> Invalid {
        self.invalid(format!("{what} is wanted, not {}", self.value))
    }
}
