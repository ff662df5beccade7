use alloc::vec::Vec;
use core::ops::Range;

use ::serde::ser::{self, Serialize};

use super::error::SerializeError;
use super::ser::Serializer;
use crate::encode::{EncodeError, write};
use crate::tags;

type Done = Result<(), SerializeError>;

/// Where a head with a length stands, which is written when the length is known.
struct Head {
    at: usize,
    len: usize,
}

impl Head {
    fn begin(ser: &mut Serializer<'_>, tag: u8) -> Result<Head, SerializeError> {
        ser.enter()?;
        let at = ser.out.len();
        write::head(ser.out, tag, 0)?;
        Ok(Head { at, len: 0 })
    }

    fn end(self, ser: &mut Serializer<'_>) -> Done {
        ser.leave();
        let len = u32::try_from(self.len).map_err(|_| EncodeError::TooLong { len: self.len })?;
        ser.out[self.at + 1..self.at + 5].copy_from_slice(&len.to_be_bytes());
        Ok(())
    }
}

/// A list.
pub(super) struct Sequence<'s, 'o> {
    ser: &'s mut Serializer<'o>,
    head: Head,
    /// Whether all elements are bytes.
    is_string: bool,
}

impl<'s, 'o> Sequence<'s, 'o> {
    pub(super) fn begin(ser: &'s mut Serializer<'o>) -> Result<Self, SerializeError> {
        let head = Head::begin(ser, tags::LIST)?;
        Ok(Sequence { ser, head, is_string: true })
    }
}

impl ser::SerializeSeq for Sequence<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        let begin = self.ser.out.len();
        value.serialize(&mut *self.ser)?;
        self.head.len += 1;
        self.is_string &= matches!(self.ser.out[begin..], [tags::SMALL_INTEGER, _]);
        Ok(())
    }

    /// A list of bytes becomes a string, as a BEAM writes it, and no elements are `[]`.
    fn end(self) -> Done {
        let Sequence { ser, head: Head { at, len }, is_string } = self;
        match u16::try_from(len) {
            Ok(0) => {
                ser.leave();
                ser.out.truncate(at);
                ser.out.push(tags::NIL);
                Ok(())
            }
            Ok(len) if is_string => {
                ser.leave();
                let [a, b] = len.to_be_bytes();
                ser.out[at..at + 3].copy_from_slice(&[tags::STRING, a, b]);
                for element in 0..usize::from(len) {
                    ser.out[at + 3 + element] = ser.out[at + 5 + 2 * element + 1];
                }
                ser.out.truncate(at + 3 + usize::from(len));
                Ok(())
            }
            _ => {
                ser.out.push(tags::NIL);
                Head { at, len }.end(ser)
            }
        }
    }
}

/// A tuple, whose head has been written.
pub(super) struct Tuple<'s, 'o>(pub(super) &'s mut Serializer<'o>);

impl ser::SerializeTuple for Tuple<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Done {
        self.0.leave();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Tuple<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Done {
        ser::SerializeTuple::end(self)
    }
}

impl ser::SerializeTupleVariant for Tuple<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Done {
        ser::SerializeTuple::end(self)
    }
}

/// A map with any keys.
pub(super) struct Keys<'s, 'o> {
    ser: &'s mut Serializer<'o>,
    head: Head,
    /// Where the keys are.
    keys: Vec<Range<usize>>,
}

impl<'s, 'o> Keys<'s, 'o> {
    pub(super) fn begin(ser: &'s mut Serializer<'o>) -> Result<Self, SerializeError> {
        let head = Head::begin(ser, tags::MAP)?;
        Ok(Keys { ser, head, keys: Vec::new() })
    }
}

impl ser::SerializeMap for Keys<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        let begin = self.ser.out.len();
        key.serialize(&mut *self.ser)?;
        self.keys.push(begin..self.ser.out.len());
        self.head.len += 1;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.ser)
    }

    /// A BEAM closes the connection of a node that sends a map with a key twice. Equal keys have equal encodings.
    fn end(self) -> Done {
        let mut keys: Vec<&[u8]> = self.keys.iter().map(|key| &self.ser.out[key.clone()]).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(SerializeError::DuplicateKey);
        }
        self.head.end(self.ser)
    }
}

/// The fields of a struct: a map with atoms as keys.
pub(super) struct Fields<'s, 'o> {
    ser: &'s mut Serializer<'o>,
    head: Head,
    /// Whether the map is in a tuple with a variant.
    is_variant: bool,
}

impl<'s, 'o> Fields<'s, 'o> {
    pub(super) fn begin(ser: &'s mut Serializer<'o>, is_variant: bool) -> Result<Self, SerializeError> {
        let head = Head::begin(ser, tags::MAP)?;
        Ok(Fields { ser, head, is_variant })
    }
}

impl ser::SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        self.ser.atom(key)?;
        self.head.len += 1;
        value.serialize(&mut *self.ser)
    }

    fn end(self) -> Done {
        if self.is_variant {
            self.ser.leave();
        }
        self.head.end(self.ser)
    }
}

impl ser::SerializeStructVariant for Fields<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        ser::SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Done {
        ser::SerializeStruct::end(self)
    }
}
