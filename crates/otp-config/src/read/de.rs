use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::failure::Failure;
use super::untyped::Untyped;
use crate::key::Key;
use crate::origin::Origin;
use crate::secret::{ON_THE_COMMAND_LINE, SECRET};
use crate::tree::{Node, Value};

/// Deserializes a node. Each error gets the place of the innermost value that it is about.
pub(super) struct Reader<'a> {
    pub(super) node: &'a Node,
    pub(super) key: Key,
}

impl Reader<'_> {
    /// Adds the place to an error.
    fn placed<T>(&self, read: Result<T, Failure>) -> Result<T, Failure> {
        read.map_err(|failure| failure.at(&self.key, &self.node.origin))
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match &self.node.value {
            Value::Table(_) => Unexpected::Map,
            Value::List(_) => Unexpected::Seq,
            Value::Integer(number) => {
                i64::try_from(*number).map_or(Unexpected::Other("a large number"), Unexpected::Signed)
            }
            Value::Float(number) => Unexpected::Float(*number),
            Value::Flag(flag) => Unexpected::Bool(*flag),
            Value::Time(_) => Unexpected::Other("a date"),
            Value::String(text) | Value::Untyped(text) => Unexpected::Str(text),
        }
    }
}

/// The methods that say which type they want: a text is read as that.
macro_rules! typed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            match &self.node.value {
                Value::Untyped(text) => self.placed(Untyped(text).$method(visitor)),
                _ => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Failure;

    typed! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
    }

    forward_to_deserialize_any! {
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let read = match &self.node.value {
            Value::Table(table) => visitor.visit_map(Entries { of: &self.key, rest: table.iter(), value: None }),
            Value::List(items) => visitor.visit_seq(Items { of: &self.key, rest: items.iter().enumerate() }),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => visitor.visit_i128(*number),
            },
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Flag(flag) => visitor.visit_bool(*flag),
            Value::Time(time) => visitor.visit_string(time.to_string()),
            Value::String(text) => visitor.visit_str(text),
            Value::Untyped(text) => Untyped(text).deserialize_any(visitor),
        };
        self.placed(read)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Failure> {
        let (key, node) = (self.key.clone(), self.node);
        if name == SECRET && matches!(node.origin, Origin::Option(_)) {
            return Err(Failure::custom(ON_THE_COMMAND_LINE).at(&key, &node.origin));
        }
        // The type may refuse what is inside.
        visitor.visit_newtype_struct(self).map_err(|failure| failure.at(&key, &node.origin))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.node.value {
            // A date of the crate `toml`, which knows how it wants to be read.
            Value::Time(time) => {
                let read = toml::Value::Datetime(time).deserialize_struct(name, fields, visitor);
                self.placed(read.map_err(|error| Failure::custom(error.message())))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let read = match &self.node.value {
            Value::String(word) | Value::Untyped(word) => {
                let word: StrDeserializer<'_, Failure> = word.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            Value::Table(table) if table.len() == 1 => {
                let (word, node) = table.iter().next().expect("there is one");
                visitor.visit_enum(Variant { word, content: Reader { node, key: self.key.field(word) } })
            }
            _ => Err(Failure::invalid_type(self.unexpected(), &"one word, or a table with one key")),
        };
        self.placed(read)
    }
}

struct Entries<'a> {
    of: &'a Key,
    rest: std::collections::btree_map::Iter<'a, String, Node>,
    value: Option<(&'a String, &'a Node)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        self.value = self.rest.next();
        let Some((name, node)) = self.value else { return Ok(None) };
        // The keys of a map may be numbers.
        let read = seed.deserialize(Untyped(name));
        read.map(Some).map_err(|failure| failure.at(&self.of.field(name), &node.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let (name, node) = self.value.take().ok_or_else(|| Failure::custom("there is no value without a key"))?;
        let key = self.of.field(name);
        seed.deserialize(Reader { node, key: key.clone() }).map_err(|failure| failure.at(&key, &node.origin))
    }
}

struct Items<'a> {
    of: &'a Key,
    rest: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<Option<V::Value>, Failure> {
        let Some((index, node)) = self.rest.next() else { return Ok(None) };
        let key = self.of.index(index);
        let read = seed.deserialize(Reader { node, key: key.clone() });
        read.map(Some).map_err(|failure| failure.at(&key, &node.origin))
    }
}

/// A variant with fields: a table whose only key is its name.
struct Variant<'a> {
    word: &'a str,
    content: Reader<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Failure;
    type Variant = Reader<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader<'a>), Failure> {
        let word: StrDeserializer<'_, Failure> = self.word.into_deserializer();
        let variant =
            seed.deserialize(word).map_err(|failure| failure.at(&self.content.key, &self.content.node.key))?;
        Ok((variant, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match &self.node.value {
            Value::Table(table) if table.is_empty() => Ok(()),
            _ => self.placed(Err(Failure::invalid_type(self.unexpected(), &"the word alone, without a value"))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_any(visitor)
    }
}
