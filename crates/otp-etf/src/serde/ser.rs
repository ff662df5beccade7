use alloc::vec::Vec;

use ::serde::ser::{self, Serialize};

use super::compound::{Fields, Keys, Sequence, Tuple};
use super::conventions::result_tag;
use super::error::SerializeError;
use super::{Conventions, names};
use crate::encode::{EncodeError, write};
use crate::limits::MAX_DEPTH;
use crate::tags;
use crate::term::{AtomTooLong, Term, atom};

/// The bytes of a value as a term, with 131 before it, as `binary_to_term/1` reads it.
///
/// By the [conventions](crate#conventions) of Elixir: `None` is `nil`.
///
/// # Errors
///
/// [`SerializeError`] for a float that is no number or infinite, for what is deeper than [`MAX_DEPTH`], for a map that
/// has a key twice, for names that are too long for an atom; and what the type's own `Serialize` says.
///
/// ```
/// use otp::etf::to_bytes;
///
/// assert_eq!(to_bytes(&(true, 5)).unwrap(), b"\x83h\x02w\x04truea\x05");
/// assert!(to_bytes(&f64::NAN).is_err());
/// ```
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, SerializeError> {
    to_bytes_with(value, Conventions::default())
}

/// The bytes of a value as a term, by other conventions than Elixir's.
///
/// # Errors
///
/// As [`to_bytes`].
///
/// ```
/// use otp::etf::{Conventions, to_bytes_with};
///
/// assert_eq!(to_bytes_with(&None::<u8>, Conventions::Erlang).unwrap(), b"\x83w\x09undefined");
/// ```
pub fn to_bytes_with<T: Serialize + ?Sized>(value: &T, conventions: Conventions) -> Result<Vec<u8>, SerializeError> {
    let mut out = Vec::with_capacity(128);
    out.push(tags::VERSION);
    value.serialize(&mut Serializer { out: &mut out, conventions, depth: 0, unit: None, next: Next::Plain })?;
    Ok(out)
}

/// A value as a term.
///
/// # Errors
///
/// As [`to_bytes`].
///
/// ```
/// use otp::etf::to_term;
///
/// assert_eq!(to_term(&Some("text")).unwrap().to_string(), r#"<<"text">>"#);
/// ```
pub fn to_term<T: Serialize + ?Sized>(value: &T) -> Result<Term, SerializeError> {
    let bytes = to_bytes(value)?;
    let limits = crate::Limits::new().depth(MAX_DEPTH).size(usize::MAX);
    crate::decode(&bytes, &limits).map_err(ser::Error::custom)
}

type Done = Result<(), SerializeError>;

pub(super) struct Serializer<'o> {
    pub(super) out: &'o mut Vec<u8>,
    conventions: Conventions,
    depth: usize,
    /// Where the last `()` was written.
    unit: Option<usize>,
    next: Next,
}

/// What the next text or bytes are, because of the newtype that they are in.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// What they look like.
    Plain,
    /// A text that is an atom.
    Atom,
    /// Bytes that are the encoding of a term.
    Term,
}

impl Serializer<'_> {
    pub(super) fn atom(&mut self, text: &str) -> Done {
        if atom::is_too_long(text) {
            return Err(AtomTooLong { text: text.into() }.into());
        }
        write::atom(self.out, text);
        Ok(())
    }

    pub(super) fn enter(&mut self) -> Done {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(EncodeError::TooDeep.into()) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    fn begin_tuple(&mut self, len: usize, tag: Option<&str>) -> Done {
        self.enter()?;
        write::tuple(self.out, len.saturating_add(tag.is_some().into()))?;
        tag.map_or(Ok(()), |tag| self.atom(tag))
    }
}

impl<'s, 'o> ser::Serializer for &'s mut Serializer<'o> {
    type Ok = ();
    type Error = SerializeError;
    type SerializeSeq = Sequence<'s, 'o>;
    type SerializeTuple = Tuple<'s, 'o>;
    type SerializeTupleStruct = Tuple<'s, 'o>;
    type SerializeTupleVariant = Tuple<'s, 'o>;
    type SerializeMap = Keys<'s, 'o>;
    type SerializeStruct = Fields<'s, 'o>;
    type SerializeStructVariant = Fields<'s, 'o>;

    fn serialize_bool(self, value: bool) -> Done {
        self.atom(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        write::int(self.out, value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Done {
        match i64::try_from(value) {
            Ok(value) => write::int(self.out, value),
            Err(_) => write::wide(self.out, value < 0, value.unsigned_abs()),
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Done {
        match i64::try_from(value) {
            Ok(value) => write::int(self.out, value),
            Err(_) => write::wide(self.out, false, value),
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        Ok(write::float(self.out, value)?)
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Done {
        if self.next == Next::Atom {
            return self.atom(value);
        }
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        match value {
            [tags::VERSION, term @ ..] if self.next == Next::Term => {
                self.out.extend_from_slice(term);
                Ok(())
            }
            bytes => Ok(write::binary(self.out, bytes)?),
        }
    }

    fn serialize_none(self) -> Done {
        self.atom(self.conventions.none())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.unit = Some(self.out.len());
        self.atom("ok")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        self.atom(name)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.atom(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Done {
        self.next = match name {
            names::ATOM => Next::Atom,
            names::TERM => Next::Term,
            _ => Next::Plain,
        };
        value.serialize(&mut *self)?;
        self.next = Next::Plain;
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let begin = self.out.len();
        let result = result_tag(name, variant);
        self.begin_tuple(1, Some(result.unwrap_or(variant)))?;
        let payload = self.out.len();
        value.serialize(&mut *self)?;
        self.leave();
        if let Some(tag) = result
            && self.unit == Some(payload)
        {
            self.out.truncate(begin);
            return self.atom(tag);
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Sequence<'s, 'o>, SerializeError> {
        Sequence::begin(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Tuple<'s, 'o>, SerializeError> {
        self.begin_tuple(len, None)?;
        Ok(Tuple(self))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Tuple<'s, 'o>, SerializeError> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Tuple<'s, 'o>, SerializeError> {
        self.begin_tuple(len, Some(variant))?;
        Ok(Tuple(self))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Keys<'s, 'o>, SerializeError> {
        Keys::begin(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'s, 'o>, SerializeError> {
        Fields::begin(self, false)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'s, 'o>, SerializeError> {
        self.begin_tuple(1, Some(variant))?;
        Fields::begin(self, true)
    }
}
