//! Types of this crate with serde: to its own codec what they are, to others a text or bytes.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use ::serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use ::serde::ser::{Error as _, Serialize, Serializer};

use super::names;
use crate::decode::Decoder;
use crate::encode::encode;
use crate::limits::{Limits, MAX_DEPTH};
use crate::tags;
use crate::term::{Atom, Bitstring, Fun, ImproperList, Map, Pid, Port, Reference, Term};

impl Serialize for Atom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::ATOM, self.as_str())
    }
}

impl<'de> Deserialize<'de> for Atom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Atom, D::Error> {
        deserializer.deserialize_newtype_struct(names::ATOM, AtomVisitor)
    }
}

struct AtomVisitor;

impl<'de> Visitor<'de> for AtomVisitor {
    type Value = Atom;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an atom")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Atom, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Atom, E> {
        Atom::new(text).map_err(E::custom)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Atom, E> {
        Ok(value.into())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Atom, E> {
        Ok(Atom::from_static("nil"))
    }
}

/// What a type of this crate is as a term, and back.
trait AsTerm: Sized {
    const WHAT: &'static str;

    fn to_term(&self) -> Term;
    fn of_term(term: Term) -> Option<Self>;
}

struct TermVisitor<T>(PhantomData<T>);

impl<'de, T: AsTerm> Visitor<'de> for TermVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    /// Bytes are the encoding of a term.
    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        let decoded = Decoder::new(bytes, &Limits::new().depth(MAX_DEPTH).size(usize::MAX)).and_then(|mut decoder| {
            if bytes.first() == Some(&tags::VERSION) {
                decoder.version()?;
            }
            let term = decoder.term()?;
            decoder.finish().map(|()| term)
        });
        self.check(decoded.map_err(E::custom)?)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    // What an untagged or flattened type has buffered is no encoding any more.

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<T, E> {
        self.check(value.into())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        self.check(value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        self.check(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<T, E> {
        self.check(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<T, E> {
        self.check(value.into())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<T, E> {
        self.check(Term::Atom(Atom::from_static("nil")))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element::<Term>()? {
            elements.push(element);
        }
        self.check(Term::List(elements))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry::<Term, Term>()? {
            pairs.push(pair);
        }
        let map = Map::of(pairs).ok_or_else(|| A::Error::custom("a map that has a key twice"))?;
        self.check(Term::Map(map))
    }
}

impl<T: AsTerm> TermVisitor<T> {
    fn check<E: serde::de::Error>(self, term: Term) -> Result<T, E> {
        let shown = alloc::format!("{} was expected, and not {term:.80}", T::WHAT);
        T::of_term(term).ok_or_else(|| E::custom(shown))
    }
}

macro_rules! as_term {
    ($($type:ty, $what:literal, $from:expr, $pattern:pat => $value:expr;)*) => {$(
        impl AsTerm for $type {
            const WHAT: &'static str = $what;

            fn to_term(&self) -> Term {
                let from: fn($type) -> Term = $from;
                from(self.clone())
            }

            #[allow(unreachable_patterns, reason = "any term is a term")]
            fn of_term(term: Term) -> Option<$type> {
                match term {
                    $pattern => Some($value),
                    _ => None,
                }
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let bytes = encode(&self.to_term()).map_err(S::Error::custom)?;
                serializer.serialize_newtype_struct(names::TERM, &Bytes(&bytes))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                deserializer.deserialize_newtype_struct(names::TERM, TermVisitor::<$type>(PhantomData))
            }
        }
    )*};
}

as_term! {
    Term, "a term", |term| term, term => term;
    Pid, "a pid", Term::from, Term::Pid(pid) => *pid;
    Reference, "a reference", Term::from, Term::Reference(reference) => *reference;
    Port, "a port", Term::from, Term::Port(port) => *port;
    Fun, "a function", Term::from, Term::Fun(fun) => fun;
    Map, "a map", Term::from, Term::Map(map) => map;
    Bitstring, "a bitstring that is no binary", Term::from, Term::Bitstring(bits) => bits;
    ImproperList, "an improper list", Term::ImproperList, Term::ImproperList(list) => list;
}

/// Bytes that are not a list of integers.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}
