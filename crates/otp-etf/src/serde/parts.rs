use alloc::borrow::Cow;

use ::serde::de::value::CowStrDeserializer;
use ::serde::de::{self, DeserializeSeed, Error as _, IntoDeserializer, Unexpected, Visitor};

use super::conventions::result_tag;
use super::de::De;
use super::error::DeserializeError;
use crate::decode::skip;
use crate::decode::token::{Tail, Token};
use crate::tags;

type Result<T, E = DeserializeError> = core::result::Result<T, E>;

/// The elements of a list, a tuple or bytes, or the pairs of a map.
pub(super) struct Parts<'p, 'de> {
    de: &'p mut De<'de>,
    kind: Kind<'de>,
    /// How many have not been read.
    left: usize,
    /// How many have been.
    taken: usize,
}

enum Kind<'de> {
    List,
    /// The last elements of a list, or all of it.
    Bytes(&'de [u8], IsInList),
    Tuple,
    Map(&'static [&'static str]),
}

#[derive(Clone, Copy, PartialEq)]
struct IsInList(bool);

/// A struct of Elixir says its name in this key, which is no field.
const STRUCT: &str = "__struct__";

impl<'p, 'de> Parts<'p, 'de> {
    pub(super) fn list(de: &'p mut De<'de>, len: usize) -> Self {
        Parts { de, kind: Kind::List, left: len, taken: 0 }
    }

    pub(super) fn tuple(de: &'p mut De<'de>, len: usize) -> Self {
        Parts { de, kind: Kind::Tuple, left: len, taken: 0 }
    }

    pub(super) fn bytes(de: &'p mut De<'de>, bytes: &'de [u8]) -> Self {
        Parts { de, kind: Kind::Bytes(bytes, IsInList(false)), left: bytes.len(), taken: 0 }
    }

    /// `fields` are those of a struct; none for a map.
    pub(super) fn map(de: &'p mut De<'de>, len: usize, fields: &'static [&'static str]) -> Self {
        Parts { de, kind: Kind::Map(fields), left: len, taken: 0 }
    }

    /// Says that all has been read, which is an error if it has not.
    pub(super) fn finish(mut self) -> Result<()> {
        self.go_on()?;
        if self.left > 0 {
            let expected = alloc::format!("{} of them", self.taken);
            return Err(DeserializeError::invalid_length(self.taken + self.left, &expected.as_str()));
        }
        if !matches!(self.kind, Kind::Bytes(_, IsInList(false))) {
            self.de.reader.leave();
        }
        Ok(())
    }

    /// Where a list has no more elements, goes on with the list that is its tail.
    fn go_on(&mut self) -> Result<()> {
        while self.left == 0 && matches!(self.kind, Kind::List) {
            match self.de.reader.next_tail()? {
                Tail::List(more) => self.left = more,
                Tail::Nil => self.kind = Kind::Bytes(&[], IsInList(true)),
                Tail::String(bytes) => {
                    self.left = bytes.len();
                    self.kind = Kind::Bytes(bytes, IsInList(true));
                }
                Tail::Other => {
                    return Err(DeserializeError::invalid_type(Unexpected::Other("an improper list"), &"a list"));
                }
            }
        }
        Ok(())
    }

    fn next<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        let begin = self.de.reader.position();
        let value = match &mut self.kind {
            Kind::Bytes(bytes, _) => {
                let (first, rest) = bytes.split_first().ok_or_else(|| DeserializeError::custom("no more bytes"))?;
                *bytes = rest;
                seed.deserialize(&mut De::of(&INTEGERS[usize::from(*first)]))
            }
            _ => seed.deserialize(&mut *self.de),
        };
        value.map_err(|error| error.at(begin))
    }
}

impl<'de> de::SeqAccess<'de> for Parts<'_, 'de> {
    type Error = DeserializeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        self.go_on()?;
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.taken += 1;
        self.next(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for Parts<'_, 'de> {
    type Error = DeserializeError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if let Kind::Map(fields) = self.kind
            && !fields.is_empty()
            && !fields.contains(&STRUCT)
            && self.left > 0
        {
            let mut ahead = self.de.reader.clone();
            if matches!(ahead.next()?, Token::Atom(key) if *key == *STRUCT) {
                skip(&mut ahead)?;
                self.de.reader = ahead;
                self.left -= 1;
                self.taken += 1;
            }
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.taken += 1;
        self.next(seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.next(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// Every byte as the encoding of an integer: an element of a string is read as any other integer.
static INTEGERS: [[u8; 2]; 256] = {
    let mut integers = [[tags::SMALL_INTEGER, 0]; 256];
    let mut value = 0;
    while value < 256 {
        integers[value][1] = value as u8;
        value += 1;
    }
    integers
};

/// `()` as a term.
const UNIT: &[u8] = &[tags::SMALL_ATOM_UTF8, 2, b'o', b'k'];

/// A variant, and what of it follows.
pub(super) struct Enum<'p, 'de> {
    de: &'p mut De<'de>,
    variant: Cow<'de, str>,
    /// How many elements of a tuple follow; `None` where the variant is an atom alone.
    payload: Option<usize>,
    is_result: bool,
}

impl<'p, 'de> Enum<'p, 'de> {
    /// An atom, or a tuple that begins with one.
    pub(super) fn of(de: &'p mut De<'de>, name: &'static str, token: Token<'de>) -> Result<Self> {
        let expected: &dyn de::Expected = &"an atom, or a tuple that begins with one, for an enum";
        let (variant, payload) = match token {
            Token::Atom(text) => (text, None),
            Token::Tuple(len @ 1..) => match de.reader.next()? {
                Token::Atom(text) => (text, Some(len - 1)),
                _ => return Err(DeserializeError::invalid_type(Unexpected::Other("another tuple"), expected)),
            },
            _ => return Err(DeserializeError::invalid_type(Unexpected::Other("another term"), expected)),
        };
        let result = ["Ok", "Err"].into_iter().find(|variant_of| result_tag(name, variant_of) == Some(&variant[..]));
        let is_result = result.is_some();
        Ok(Enum { de, variant: result.map_or(variant, Cow::Borrowed), payload, is_result })
    }

    fn wrong(&self, expected: &str) -> DeserializeError {
        let found = match self.payload {
            None => "an atom alone",
            Some(0) => "a tuple of an atom alone",
            Some(1) => "a tuple of an atom and one value",
            Some(_) => "a tuple of an atom and several values",
        };
        DeserializeError::invalid_type(Unexpected::Other(found), &expected)
    }
}

impl<'p, 'de> de::EnumAccess<'de> for Enum<'p, 'de> {
    type Error = DeserializeError;
    type Variant = Enum<'p, 'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<(S::Value, Self::Variant)> {
        let variant = core::mem::take(&mut self.variant);
        let name: CowStrDeserializer<'_, DeserializeError> = variant.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Enum<'_, 'de> {
    type Error = DeserializeError;

    fn unit_variant(self) -> Result<()> {
        if self.payload.is_none() { Ok(()) } else { Err(self.wrong("the variant as an atom")) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        match self.payload {
            // `ok` is `Ok(())`, and `error` is `Err(())`.
            None if self.is_result => seed.deserialize(&mut De::of(UNIT)),
            Some(1) => {
                let begin = self.de.reader.position();
                let value = seed.deserialize(&mut *self.de).map_err(|error| error.at(begin))?;
                self.de.reader.leave();
                Ok(value)
            }
            _ => Err(self.wrong("the variant as a tuple of an atom and a value")),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        match self.payload {
            Some(has) if has == len => {
                let mut parts = Parts::tuple(self.de, has);
                let value = visitor.visit_seq(&mut parts)?;
                parts.finish()?;
                Ok(value)
            }
            _ => Err(self.wrong(&alloc::format!("the variant as a tuple of an atom and {len} values"))),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        match self.payload {
            Some(1) => {
                let begin = self.de.reader.position();
                let value = self.de.map(fields, visitor).map_err(|error| error.at(begin))?;
                self.de.reader.leave();
                Ok(value)
            }
            _ => Err(self.wrong("the variant as a tuple of an atom and a map")),
        }
    }
}
