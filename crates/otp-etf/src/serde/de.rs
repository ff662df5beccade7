use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use ::serde::de::{self, Deserialize, DeserializeOwned, Error as _, Unexpected, Visitor};

use super::conventions::is_none;
use super::error::DeserializeError;
use super::names;
use super::parts::{Enum, Parts};
use crate::decode::reader::Reader;
use crate::decode::skip;
use crate::decode::token::{Tail, Token};
use crate::encode::encode;
use crate::limits::{Limits, MAX_DEPTH};
use crate::tags;
use crate::term::Term;

/// A value of the term that these bytes are, 131 and a term, as `term_to_binary/1` makes them.
///
/// By the [conventions](crate#conventions), with [`Limits::new`]. A value may borrow texts and bytes of the input.
///
/// # Errors
///
/// [`DeserializeError`] if the bytes are no term, exceed a limit, or are a term of something else.
///
/// ```
/// use otp::etf::from_bytes;
///
/// assert_eq!(from_bytes::<(bool, u8)>(b"\x83h\x02w\x04truea\x05"), Ok((true, 5)));
///
/// let error = from_bytes::<(bool, u8)>(b"\x83h\x02w\x04trueb\0\0\x01\0").unwrap_err();
/// assert_eq!(error.to_string(), "at byte 9: invalid value: integer `256`, expected u8");
/// ```
pub fn from_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DeserializeError> {
    from_bytes_with(bytes, &Limits::new())
}

/// A value of the term that these bytes are, within limits.
///
/// # Errors
///
/// As [`from_bytes`].
pub fn from_bytes_with<'de, T: Deserialize<'de>>(bytes: &'de [u8], limits: &Limits) -> Result<T, DeserializeError> {
    let mut reader = Reader::new(bytes, limits)?;
    reader.version()?;
    let begin = reader.position();
    let mut deserializer = De { reader };
    let value = T::deserialize(&mut deserializer).map_err(|error| error.at(begin))?;
    deserializer.reader.finish()?;
    Ok(value)
}

/// A value of a term.
///
/// # Errors
///
/// [`DeserializeError`] if it is a term of something else, or has no encoding. Offsets are those in its encoding.
///
/// ```
/// use otp::etf::{Term, from_term};
///
/// let term: Term = "[{ok, 1}, {error, <<\"no\">>}]".parse().unwrap();
/// assert_eq!(from_term::<Vec<Result<u8, String>>>(&term), Ok(vec![Ok(1), Err("no".into())]));
/// ```
pub fn from_term<T: DeserializeOwned>(term: &Term) -> Result<T, DeserializeError> {
    let bytes = encode(term).map_err(DeserializeError::custom)?;
    from_bytes_with(&bytes, &Limits::new().depth(MAX_DEPTH).size(usize::MAX))
}

type Result<T, E = DeserializeError> = core::result::Result<T, E>;

pub(super) struct De<'de> {
    pub(super) reader: Reader<'de>,
}

impl<'de> De<'de> {
    /// Reads a term that is not part of the input, such as an element of a string.
    pub(super) fn of(bytes: &'de [u8]) -> De<'de> {
        De { reader: Reader::of(bytes) }
    }

    /// The next term, which may be looked at before it is read.
    fn peek(&self) -> Result<Token<'de>> {
        Ok(self.reader.clone().next()?)
    }

    /// Whether the next term is an atom, as its tag tells.
    fn is_atom(&self) -> bool {
        use tags::{ATOM, ATOM_CACHE_REF, ATOM_UTF8, SMALL_ATOM, SMALL_ATOM_UTF8};
        matches!(self.reader.rest().first(), Some(&(ATOM | ATOM_CACHE_REF | ATOM_UTF8 | SMALL_ATOM | SMALL_ATOM_UTF8)))
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Int(value) => integer(value, visitor),
            Token::Big(big) => match (u64::try_from(big), i128::try_from(big), u128::try_from(big)) {
                (Ok(value), ..) => visitor.visit_u64(value),
                (_, Ok(value), _) => visitor.visit_i128(value),
                (.., Ok(value)) => visitor.visit_u128(value),
                _ => Err(DeserializeError::invalid_value(
                    Unexpected::Other("an integer of more than 128 bits"),
                    &visitor,
                )),
            },
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn float<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Float(value) => visitor.visit_f64(value),
            Token::Int(value) => visitor.visit_f64(value as f64),
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Binary(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(_) => Err(DeserializeError::invalid_value(Unexpected::Bytes(bytes), &visitor)),
            },
            Token::Nil => visitor.visit_borrowed_str(""),
            Token::String(bytes) => visitor.visit_string(bytes.iter().copied().map(char::from).collect()),
            Token::List(len) => {
                let text = self.characters(len)?;
                visitor.visit_string(text)
            }
            other => Err(unexpected(&other, &visitor)),
        }
    }

    /// The rest of a list of code points.
    fn characters(&mut self, mut len: usize) -> Result<String> {
        let expected: &dyn de::Expected = &"a list of characters";
        let mut text = String::new();
        loop {
            for _ in 0..len {
                match self.reader.next()? {
                    Token::Int(value) => match u32::try_from(value).ok().and_then(char::from_u32) {
                        Some(char) => text.push(char),
                        None => return Err(DeserializeError::invalid_value(Unexpected::Signed(value), expected)),
                    },
                    other => return Err(DeserializeError::invalid_type(kind(&other), expected)),
                }
            }
            len = match self.reader.next_tail()? {
                Tail::List(more) => more,
                Tail::Nil => break,
                Tail::String(bytes) => {
                    text.extend(bytes.iter().copied().map(char::from));
                    break;
                }
                Tail::Other => {
                    return Err(DeserializeError::invalid_type(Unexpected::Other("an improper list"), expected));
                }
            };
        }
        self.reader.leave();
        Ok(text)
    }

    fn bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Binary(bytes) | Token::String(bytes) => visitor.visit_borrowed_bytes(bytes),
            Token::Nil => visitor.visit_borrowed_bytes(&[]),
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn sequence<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value> {
        let mut parts = match token {
            Token::List(len) => Parts::list(self, len),
            Token::Tuple(len) => Parts::tuple(self, len),
            Token::String(bytes) | Token::Binary(bytes) => Parts::bytes(self, bytes),
            Token::Nil => Parts::bytes(self, &[]),
            other => return Err(unexpected(&other, &visitor)),
        };
        let value = visitor.visit_seq(&mut parts)?;
        parts.finish()?;
        Ok(value)
    }

    pub(super) fn map<V: Visitor<'de>>(&mut self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Map(len) => {
                let mut parts = Parts::map(self, len, fields);
                let value = visitor.visit_map(&mut parts)?;
                parts.finish()?;
                Ok(value)
            }
            other => Err(unexpected(&other, &visitor)),
        }
    }

    /// The encoding of the next term.
    fn encoding(&mut self) -> Result<&'de [u8]> {
        let begin = self.reader.position();
        skip(&mut self.reader)?;
        Ok(self.reader.since(begin))
    }
}

fn integer<'de, V: Visitor<'de>>(value: i64, visitor: V) -> Result<V::Value> {
    match u64::try_from(value) {
        Ok(value) => visitor.visit_u64(value),
        Err(_) => visitor.visit_i64(value),
    }
}

fn text_of<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

pub(super) fn unexpected<'de>(token: &Token<'_>, visitor: &impl Visitor<'de>) -> DeserializeError {
    DeserializeError::invalid_type(kind(token), visitor)
}

/// A term, in the words of serde where it has some.
fn kind<'t>(token: &'t Token<'_>) -> Unexpected<'t> {
    match token {
        Token::Int(value) => Unexpected::Signed(*value),
        Token::Float(value) => Unexpected::Float(*value),
        Token::Atom(text) if **text == *"true" => Unexpected::Bool(true),
        Token::Atom(text) if **text == *"false" => Unexpected::Bool(false),
        Token::Atom(_) => Unexpected::Other("an atom"),
        Token::Binary(bytes) => core::str::from_utf8(bytes).map_or(Unexpected::Bytes(bytes), Unexpected::Str),
        Token::Map(_) => Unexpected::Map,
        Token::Nil | Token::List(_) | Token::String(_) => Unexpected::Other("a list"),
        Token::Tuple(_) => Unexpected::Other("a tuple"),
        Token::Big(_) => Unexpected::Other("a big integer"),
        Token::Bits(..) => Unexpected::Other("a bitstring that is no binary"),
        Token::Pid(_) => Unexpected::Other("a pid"),
        Token::Reference(_) => Unexpected::Other("a reference"),
        Token::Port(_) => Unexpected::Other("a port"),
        Token::Export(_) | Token::Closure(_) => Unexpected::Other("a function"),
    }
}

macro_rules! like {
    ($as:ident: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$as(visitor)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut De<'de> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let before = self.reader.clone();
        match self.reader.next()? {
            Token::Int(value) => integer(value, visitor),
            Token::Float(value) => visitor.visit_f64(value),
            Token::Atom(text) if *text == *"true" => visitor.visit_bool(true),
            Token::Atom(text) if *text == *"false" => visitor.visit_bool(false),
            Token::Atom(text) if is_none(&text) => visitor.visit_unit(),
            Token::Atom(text) => text_of(text, visitor),
            Token::Binary(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(_) => visitor.visit_borrowed_bytes(bytes),
            },
            Token::Map(_) => {
                self.reader = before;
                self.map(&[], visitor)
            }
            token @ (Token::List(_) | Token::Tuple(_) | Token::String(_) | Token::Nil) => self.sequence(token, visitor),
            Token::Big(big) if big.magnitude().len() <= 16 => {
                self.reader = before;
                self.number(visitor)
            }
            // What serde has no word for: its encoding, which a type of this crate knows again.
            _ => {
                self.reader = before;
                let mut bytes = Vec::new();
                bytes.push(tags::VERSION);
                bytes.extend_from_slice(self.encoding()?);
                visitor.visit_newtype_struct(de::value::BytesDeserializer::new(&bytes))
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Atom(text) if *text == *"true" => visitor.visit_bool(true),
            Token::Atom(text) if *text == *"false" => visitor.visit_bool(false),
            other => Err(unexpected(&other, &visitor)),
        }
    }

    like! { number: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 }
    like! { number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 }
    like! { float: deserialize_f32 deserialize_f64 }
    like! { text: deserialize_str deserialize_string }
    like! { bytes: deserialize_bytes deserialize_byte_buf }

    /// A text of one character, or the integer that a character is in Erlang.
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            Token::Int(value) => {
                self.reader.next()?;
                match u32::try_from(value).ok().and_then(char::from_u32) {
                    Some(char) => visitor.visit_char(char),
                    None => Err(DeserializeError::invalid_value(Unexpected::Signed(value), &visitor)),
                }
            }
            _ => self.text(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_atom() {
            let before = self.reader.clone();
            if matches!(self.reader.next()?, Token::Atom(text) if is_none(&text)) {
                return visitor.visit_none();
            }
            self.reader = before;
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Atom(text) if *text == *"ok" || is_none(&text) => visitor.visit_unit(),
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Atom(text) if *text == *name => visitor.visit_unit(),
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            names::ATOM => match self.reader.next()? {
                Token::Atom(text) => text_of(text, visitor),
                other => Err(unexpected(&other, &visitor)),
            },
            names::TERM => {
                let bytes = self.encoding()?;
                visitor.visit_borrowed_bytes(bytes)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    /// A list. Bytes, too, are a sequence of integers.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            token @ Token::Tuple(_) => Err(unexpected(&token, &visitor)),
            token => self.sequence(token, visitor),
        }
    }

    /// A tuple, or a list of as many elements: there are no arrays in Erlang.
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        let token = self.reader.next()?;
        self.sequence(token, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.map(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.map(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let token = self.reader.next()?;
        visitor.visit_enum(Enum::of(self, name, token)?)
    }

    /// The name of a field or a variant: an atom, or a text, as a map has that was JSON once.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.reader.next()? {
            Token::Atom(text) => text_of(text, visitor),
            Token::Binary(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(_) => visitor.visit_borrowed_bytes(bytes),
            },
            other => Err(unexpected(&other, &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        skip(&mut self.reader)?;
        visitor.visit_unit()
    }
}
