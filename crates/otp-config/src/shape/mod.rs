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
    /// One of these words; or a table with what a variant holds.
    Enum(Vec<(&'static str, Shape)>),
    /// A variant that holds nothing: its word.
    Unit,
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
/// How many of them an enum may have: one that holds itself several times over leaves the rest to what is beside it.
const MOST_OF_ENUM: usize = 256;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Field(&'static str),
    Entry,
    Item,
    Variant(&'static str),
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
            // Those after the first item may be of other types, which are not known: no value is made up for the first.
            Found::Tuple => match below(Step::Item) {
                Shape::Secret => Shape::List(Shape::Secret.into()),
                _ => Shape::List(Shape::Any.into()),
            },
            Found::Enum(variants) => {
                let left = &mut (*left).min(MOST_OF_ENUM);
                let held = variants.iter().map(|name| {
                    path.push(Step::Variant(name));
                    let shape = Shape::at::<T>(path, left);
                    path.pop();
                    (*name, shape)
                });
                Shape::Enum(held.collect())
            }
            Found::Leaf(shape) => shape,
        }
    }

    /// The shape of what a table of this shape has at a key.
    pub(crate) fn field(&self, name: &str) -> Option<&Shape> {
        match self {
            Shape::Struct(fields) => fields.iter().find(|(field, _)| *field == name).map(|(_, shape)| shape),
            Shape::Map(entry) => Some(entry),
            Shape::Enum(variants) => {
                let held = variants.iter().find(|(variant, _)| *variant == name).map(|(_, shape)| shape);
                Some(held.unwrap_or(&Shape::Any))
            }
            Shape::Any => Some(&Shape::Any),
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
            (KeyStep::Index(_), Shape::Any) => Some(&Shape::Any),
            (KeyStep::Index(_), _) => None,
        })
    }

    /// Whether this is a secret, or any number of them and nothing else.
    pub(crate) fn is_secret(&self) -> bool {
        match self {
            Shape::Secret => true,
            Shape::Map(inner) | Shape::List(inner) => inner.is_secret(),
            _ => false,
        }
    }

    /// Whether a secret is below this, or may be: nobody knows what is in a type that takes what comes.
    pub(crate) fn may_hold_secret(&self) -> bool {
        match self {
            Shape::Secret | Shape::Any => true,
            Shape::Struct(inner) | Shape::Enum(inner) => inner.iter().any(|(_, shape)| shape.may_hold_secret()),
            Shape::Map(inner) | Shape::List(inner) => inner.may_hold_secret(),
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
