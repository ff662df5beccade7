use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Atom, Bitstring, Fun, Map, Pid, Port, Reference, Term};

impl Term {
    /// The integer, if this is one that an `i64` holds.
    pub fn as_int(&self) -> Option<i64> {
        if let Term::Int(value) = self { Some(*value) } else { None }
    }

    /// The text of the atom, if this is one.
    pub fn as_atom(&self) -> Option<&str> {
        if let Term::Atom(atom) = self { Some(atom) } else { None }
    }

    /// The bytes of the binary, if this is one.
    pub fn as_binary(&self) -> Option<&[u8]> {
        if let Term::Binary(bytes) = self { Some(bytes) } else { None }
    }

    /// The text, if this is a binary in UTF-8, as texts are in Elixir.
    pub fn as_text(&self) -> Option<&str> {
        core::str::from_utf8(self.as_binary()?).ok()
    }

    /// The elements, if this is a tuple.
    pub fn as_tuple(&self) -> Option<&[Term]> {
        if let Term::Tuple(elements) = self { Some(elements) } else { None }
    }

    /// The elements, if this is a proper list.
    pub fn as_list(&self) -> Option<&[Term]> {
        if let Term::List(elements) = self { Some(elements) } else { None }
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Term::Map(map) = self { Some(map) } else { None }
    }

    /// The pid, if this is one.
    pub fn as_pid(&self) -> Option<&Pid> {
        if let Term::Pid(pid) = self { Some(pid) } else { None }
    }
}

macro_rules! from_small {
    ($($small:ty)*) => {$(
        impl From<$small> for Term {
            fn from(value: $small) -> Term {
                Term::Int(i64::from(value))
            }
        }
    )*};
}

macro_rules! from_large {
    ($($large:ty: $negative:expr;)*) => {$(
        impl From<$large> for Term {
            fn from(value: $large) -> Term {
                let negative: fn($large) -> bool = $negative;
                let magnitude = if negative(value) { (value as u128).wrapping_neg() } else { value as u128 };
                Term::integer(negative(value), &magnitude.to_le_bytes())
            }
        }
    )*};
}

from_small!(i8 i16 i32 i64 u8 u16 u32);
from_large!(u64: |_| false; u128: |_| false; usize: |_| false; i128: |value| value < 0; isize: |value| value < 0;);

impl From<f64> for Term {
    fn from(value: f64) -> Term {
        Term::Float(value)
    }
}

impl From<bool> for Term {
    fn from(value: bool) -> Term {
        Term::Atom(value.into())
    }
}

/// A text is a binary, as in Elixir.
impl From<&str> for Term {
    fn from(text: &str) -> Term {
        Term::Binary(text.into())
    }
}

/// A text is a binary, as in Elixir.
impl From<String> for Term {
    fn from(text: String) -> Term {
        Term::Binary(text.into())
    }
}

/// A list.
impl From<Vec<Term>> for Term {
    fn from(elements: Vec<Term>) -> Term {
        Term::List(elements)
    }
}

impl From<Atom> for Term {
    fn from(atom: Atom) -> Term {
        Term::Atom(atom)
    }
}

impl From<Bitstring> for Term {
    fn from(bits: Bitstring) -> Term {
        Term::Bitstring(bits)
    }
}

impl From<Map> for Term {
    fn from(map: Map) -> Term {
        Term::Map(map)
    }
}

impl From<Fun> for Term {
    fn from(fun: Fun) -> Term {
        Term::Fun(fun)
    }
}

impl From<Pid> for Term {
    fn from(pid: Pid) -> Term {
        Term::Pid(Box::new(pid))
    }
}

impl From<Reference> for Term {
    fn from(reference: Reference) -> Term {
        Term::Reference(Box::new(reference))
    }
}

impl From<Port> for Term {
    fn from(port: Port) -> Term {
        Term::Port(Box::new(port))
    }
}
