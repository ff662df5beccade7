use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::{Shape, Step};
use crate::secret::SECRET;

/// What is asked for at a place.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Struct(&'static [&'static str]),
    Map,
    List,
    Tuple,
    Enum(&'static [&'static str]),
    Leaf(Shape),
}

/// Has a type deserialized as far as the value at `path`, and tells what it asks for there. No value is made up: the
/// deserialization ends there, with an error.
pub(super) fn probe<T: DeserializeOwned>(path: &[Step]) -> Found {
    let found = Cell::new(None);
    // Always an error.
    let _ = T::deserialize(Probe { path, found: &found });
    found.into_inner().unwrap_or(Found::Leaf(Shape::Any))
}

#[derive(Clone, Copy)]
struct Probe<'a> {
    path: &'a [Step],
    found: &'a Cell<Option<Found>>,
}

impl Probe<'_> {
    fn found(self, found: Found) -> Result<(), Stop> {
        if !self.path.is_empty() {
            return Ok(());
        }
        self.found.set(Some(found));
        Err(Stop)
    }

    fn leaf<T>(self, shape: Shape) -> Result<T, Stop> {
        self.found(Found::Leaf(shape))?;
        Err(Stop)
    }
}

/// Ends a deserialization.
#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is a probe")
    }
}

impl std::error::Error for Stop {}

impl Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Stop {
        Stop
    }
}

macro_rules! leaves {
    ($($method:ident => $shape:expr,)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
            self.leaf($shape)
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    leaves! {
        deserialize_any => Shape::Any,
        deserialize_ignored_any => Shape::Any,
        deserialize_bool => Shape::Flag,
        deserialize_i8 => Shape::Number("i8"),
        deserialize_i16 => Shape::Number("i16"),
        deserialize_i32 => Shape::Number("i32"),
        deserialize_i64 => Shape::Number("i64"),
        deserialize_i128 => Shape::Number("i128"),
        deserialize_u8 => Shape::Number("u8"),
        deserialize_u16 => Shape::Number("u16"),
        deserialize_u32 => Shape::Number("u32"),
        deserialize_u64 => Shape::Number("u64"),
        deserialize_u128 => Shape::Number("u128"),
        deserialize_f32 => Shape::Number("f32"),
        deserialize_f64 => Shape::Number("f64"),
        deserialize_char => Shape::Text,
        deserialize_str => Shape::Text,
        deserialize_string => Shape::Text,
        deserialize_bytes => Shape::Text,
        deserialize_byte_buf => Shape::Text,
        deserialize_identifier => Shape::Text,
        deserialize_unit => Shape::Any,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Stop> {
        self.leaf(Shape::Any)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Stop> {
        if name == SECRET {
            return self.leaf(Shape::Secret);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.found(Found::List)?;
        visitor.visit_seq(Only { key: None, value: self })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Stop> {
        self.found(Found::Tuple)?;
        visitor.visit_seq(Only { key: None, value: self })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.found(Found::Map)?;
        visitor.visit_map(Only { key: Some("any"), value: self })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        // The crate `toml` deserializes its own types, such as a date, through a struct that nobody writes.
        if name.starts_with("$__") {
            return self.leaf(Shape::Any);
        }
        self.found(Found::Struct(fields))?;
        visitor.visit_map(Only { key: None, value: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.found(Found::Enum(variants))?;
        visitor.visit_enum(Only { key: None, value: self })
    }
}

/// A table or list with the one value that leads on.
struct Only<'a> {
    /// The key of an entry in a map.
    key: Option<&'static str>,
    value: Probe<'a>,
}

impl Only<'_> {
    fn next<'de, V: DeserializeSeed<'de>>(&self, seed: V) -> Result<V::Value, Stop> {
        seed.deserialize(Probe { path: &self.value.path[1..], ..self.value })
    }
}

impl<'de> MapAccess<'de> for Only<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let key = match (self.key, self.value.path.first()) {
            (Some(key), Some(Step::Entry)) => key,
            (None, Some(Step::Field(name))) => name,
            _ => return Err(Stop),
        };
        let key: StrDeserializer<'_, Stop> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        // After that there is nothing more to learn.
        self.next(seed).and(Err(Stop))
    }
}

impl<'de> SeqAccess<'de> for Only<'_> {
    type Error = Stop;

    fn next_element_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<Option<V::Value>, Stop> {
        match self.value.path.first() {
            Some(Step::Item) => self.next(seed).and(Err(Stop)),
            _ => Err(Stop),
        }
    }
}

impl<'de, 'a> EnumAccess<'de> for Only<'a> {
    type Error = Stop;
    type Variant = Probe<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Probe<'a>), Stop> {
        let Some(Step::Variant(name)) = self.value.path.first() else { return Err(Stop) };
        let name: StrDeserializer<'_, Stop> = name.into_deserializer();
        Ok((seed.deserialize(name)?, Probe { path: &self.value.path[1..], ..self.value }))
    }
}

/// What a variant holds.
impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        self.leaf(Shape::Unit)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_struct("", fields, visitor)
    }
}
