//! What a configuration's type takes: learnt from its `Deserialize`, which asks for its fields by name and for each value
//! by type.

mod probe;

use serde::de::DeserializeOwned;

use probe::{Found, probe};

use crate::key::{Key, KeyStep};

/// What a value has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A table with these keys.
    Struct(Vec<(&'static str, Shape)>),
    /// A table with any keys.
    Map(Box<Shape>),
    List(Box<Shape>),
    /// One of these words; or a table, if a variant has fields.
    Enum(&'static [&'static str]),
    Flag,
    /// The name of its Rust type.
    Number(&'static str),
    Text,
    /// A value that is shown nowhere.
    Secret,
    /// It takes what comes: nothing is known of it.
    Any,
}

/// How deep types are looked into: one that holds itself has no bottom.
const DEEPEST: usize = 8;
/// How many values a configuration may have whose types are looked into.
const MOST: usize = 10_000;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Field(&'static str),
    Entry,
    Item,
}

impl Shape {
    pub(crate) fn of<T: DeserializeOwned>() -> Shape {
        Shape::at::<T>(&mut Vec::new(), &mut MOST.clone())
    }

    fn at<T: DeserializeOwned>(path: &mut Vec<Step>, left: &mut usize) -> Shape {
        *left = left.saturating_sub(1);
        if path.len() > DEEPEST || *left == 0 {
            return Shape::Any;
        }
        let found = probe::<T>(path);
        let mut below = |step| {
            path.push(step);
            let shape = Shape::at::<T>(path, left);
            path.pop();
            shape
        };
        match found {
            Found::Struct(fields) => {
                Shape::Struct(fields.iter().map(|name| (*name, below(Step::Field(name)))).collect())
            }
            Found::Map => Shape::Map(below(Step::Entry).into()),
            Found::List => Shape::List(below(Step::Item).into()),
            Found::Leaf(shape) => shape,
        }
    }

    /// The shape of what a table of this shape has at a key.
    pub(crate) fn field(&self, name: &str) -> Option<&Shape> {
        match self {
            Shape::Struct(fields) => fields.iter().find(|(field, _)| *field == name).map(|(_, shape)| shape),
            Shape::Map(entry) => Some(entry),
            Shape::Any | Shape::Enum(_) => Some(&Shape::Any),
            _ => None,
        }
    }

    /// The names of the fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static str> + '_ {
        let fields: &[_] = if let Shape::Struct(fields) = self { fields } else { &[] };
        fields.iter().map(|(name, _)| *name)
    }

    /// Whether a text may be TOML.
    pub(crate) fn is_composed(&self) -> bool {
        matches!(self, Shape::Struct(_) | Shape::Map(_) | Shape::List(_) | Shape::Any)
    }

    /// The shape of a value below this.
    pub(crate) fn at_key(&self, key: &Key) -> Option<&Shape> {
        key.steps().try_fold(self, |shape, step| match (step, shape) {
            (KeyStep::Field(name), _) => shape.field(name),
            (KeyStep::Index(_), Shape::List(item)) => Some(&**item),
            (KeyStep::Index(_), _) => None,
        })
    }

    /// Whether a secret is below this.
    pub(crate) fn holds_secret(&self) -> bool {
        match self {
            Shape::Secret => true,
            Shape::Struct(fields) => fields.iter().any(|(_, shape)| shape.holds_secret()),
            Shape::Map(inner) | Shape::List(inner) => inner.holds_secret(),
            _ => false,
        }
    }

    /// Calls `visit` with every value and table below this, and the names on the way to it.
    pub(crate) fn visit<'a>(&'a self, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&'a str], &'a Shape)) {
        let Shape::Struct(fields) = self else { return };
        for (name, shape) in fields {
            path.push(name);
            visit(path, shape);
            shape.visit(path, visit);
            path.pop();
        }
    }
}
