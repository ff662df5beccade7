use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::failure::Failure;

/// Deserializes a text as the type that is asked for: the value of a variable or an option, the key of a table.
pub(super) struct Untyped<'a>(pub(super) &'a str);

impl Untyped<'_> {
    fn refused<'de, T>(&self, visitor: &impl Visitor<'de>) -> Result<T, Failure> {
        Err(Failure::invalid_value(Unexpected::Str(self.0), visitor))
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match (self.0.parse(), self.0.parse()) {
            (Ok(number), _) => visitor.visit_u64(number),
            (_, Ok(number)) => visitor.visit_i64(number),
            _ => self.refused(&visitor),
        }
    }
}

macro_rules! whole {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.whole(visitor)
        })*
    };
}

macro_rules! parsed {
    ($($method:ident $visit:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => self.refused(&visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Untyped<'_> {
    type Error = Failure;

    whole! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    parsed! {
        deserialize_i128 visit_i128,
        deserialize_u128 visit_u128,
        deserialize_f32 visit_f32,
        deserialize_f64 visit_f64,
        deserialize_bool visit_bool,
    }

    forward_to_deserialize_any! {
        unit unit_struct seq tuple tuple_struct map struct ignored_any
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.0)
    }

    /// Whoever takes anything gets what the text looks like.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if let Ok(number) = self.0.parse() {
            visitor.visit_i64(number)
        } else if let Ok(number) = self.0.parse() {
            visitor.visit_u64(number)
        } else if let Ok(flag) = self.0.parse() {
            visitor.visit_bool(flag)
        } else if self.0.starts_with(|first: char| first.is_ascii_digit() || first == '-')
            && let Ok(number) = self.0.parse()
        {
            visitor.visit_f64(number)
        } else {
            visitor.visit_str(self.0)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let word: StrDeserializer<'_, Failure> = self.0.into_deserializer();
        visitor.visit_enum(word)
    }
}
