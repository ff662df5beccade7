use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::integer::{Fitted, fit};
use super::{Atom, BigInt, Bitstring, Fun, ImproperList, Map, Pid, Port, Reference};
use crate::order::{self, Mode, Shape, View};
use crate::text;

/// A term: any value of Erlang.
///
/// There is one way to write each value, so that patterns find it: an integer is a `BigInt` only if it is no `i64`, a
/// bitstring only if it is no binary, a list improper only if it does not end in `[]`.
///
/// # Equality and order
///
/// `==` is Erlang's `=:=`: `1` and `1.0` differ, and so do `0.0` and `-0.0`, as in OTP 27 and later. `<` is Erlang's
/// term order, number < atom < reference < function < port < pid < tuple < map < list < bitstring, with the integer
/// first where an integer and a float are of the same value. [`compare`](Term::compare) is that order without this last
/// word: it says of `1` and `1.0` that they are equal, as Erlang's `==` does.
///
/// # Text
///
/// [`Display`](fmt::Display) writes Erlang's syntax, and [`FromStr`](core::str::FromStr) reads it:
/// `{ok,#{name => <<"joe">>}}`. A precision bounds what is written: `format!("{term:.200}")` is good for logs. `Debug` is
/// the same.
///
/// # Depth
///
/// Terms are dropped, compared and written recursively. A decoded one is not deeper than its
/// [`Limits`](crate::Limits) allow, which is never more than [`MAX_DEPTH`](crate::MAX_DEPTH); this is also the most that
/// the encoder takes.
///
/// ```
/// use otp::etf::{Term, decode, encode, Limits};
///
/// let term: Term = "{ok, [1, 2.5, <<\"text\">>]}".parse().unwrap();
/// let bytes = encode(&term).unwrap();
/// assert_eq!(decode(&bytes, &Limits::default()).unwrap(), term);
///
/// let Term::Tuple(elements) = term else { panic!("it is a tuple") };
/// let [Term::Atom(ok), Term::List(list)] = &elements[..] else { panic!("an atom and a list") };
/// assert_eq!(*ok, "ok");
/// assert_eq!(list[0], Term::Int(1));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Term {
    /// An integer that fits an `i64`.
    Int(i64),
    /// An integer that fits no `i64`.
    BigInt(BigInt),
    /// A float. Erlang has no infinities and no NaN; the encoder refuses them.
    Float(f64),
    /// An atom.
    Atom(Atom),
    /// A binary: bytes, or a text in UTF-8.
    Binary(Vec<u8>),
    /// A bitstring that is no binary.
    Bitstring(Bitstring),
    /// A tuple.
    Tuple(Vec<Term>),
    /// A proper list; `[]` if it is empty. Erlang's strings are lists of integers.
    List(Vec<Term>),
    /// A list that does not end in `[]`.
    ImproperList(ImproperList),
    /// A map.
    Map(Map),
    /// A process identifier.
    Pid(Box<Pid>),
    /// A reference.
    Reference(Box<Reference>),
    /// A port.
    Port(Box<Port>),
    /// A function.
    Fun(Fun),
}

impl Term {
    /// The empty list.
    pub const NIL: Term = Term::List(Vec::new());

    /// An atom, by its text.
    ///
    /// # Panics
    ///
    /// If the text has more than 255 characters: [`Atom::new`] for a text that may have.
    #[track_caller]
    pub fn atom(text: &str) -> Term {
        match Atom::new(text) {
            Ok(atom) => Term::Atom(atom),
            Err(error) => panic!("{error}"),
        }
    }

    /// A binary.
    pub fn binary(bytes: impl Into<Vec<u8>>) -> Term {
        Term::Binary(bytes.into())
    }

    /// A tuple.
    pub fn tuple(elements: impl Into<Vec<Term>>) -> Term {
        Term::Tuple(elements.into())
    }

    /// The integer of this sign and these bytes, the lowest first.
    pub fn integer(negative: bool, magnitude: &[u8]) -> Term {
        match fit(negative, magnitude) {
            Fitted::Small(value) => Term::Int(value),
            Fitted::Big(big) => Term::BigInt(big.to_owned()),
        }
    }

    /// The list `[Element, …|Tail]`: a proper one if the tail is a proper list, the tail itself without elements.
    ///
    /// ```
    /// use otp::etf::Term;
    ///
    /// let list = Term::list([Term::Int(1)], Term::list([Term::Int(2)], Term::NIL));
    /// assert_eq!(list.to_string(), "[1,2]");
    /// assert_eq!(Term::list([Term::Int(1)], Term::atom("tail")).to_string(), "[1|tail]");
    /// ```
    pub fn list(elements: impl Into<Vec<Term>>, tail: Term) -> Term {
        let mut elements = elements.into();
        match tail {
            tail if elements.is_empty() => tail,
            Term::List(rest) => {
                elements.extend(rest);
                Term::List(elements)
            }
            Term::ImproperList(list) => {
                let (rest, tail) = list.into_parts();
                elements.extend(rest);
                Term::ImproperList(ImproperList::of(elements, tail))
            }
            tail => Term::ImproperList(ImproperList::of(elements, tail)),
        }
    }

    /// Erlang's order, in which an integer and a float of the same value are equal: what `<`, `==` and `lists:sort/1` go by.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use otp::etf::Term;
    ///
    /// assert_eq!(Term::Int(1).compare(&Term::Float(1.0)), Ordering::Equal);
    /// assert!(Term::Int(1) != Term::Float(1.0), "as by =:=");
    /// ```
    pub fn compare(&self, other: &Term) -> Ordering {
        order::compare(self, other, Mode::Loose)
    }
}

impl View for Term {
    fn shape(&self) -> Shape<'_, Term> {
        match self {
            Term::Int(value) => Shape::Int(*value),
            Term::BigInt(value) => Shape::Big(value.as_ref()),
            Term::Float(value) => Shape::Float(*value),
            Term::Atom(atom) => Shape::Atom(atom),
            Term::Binary(bytes) => Shape::Bits(bytes, 8),
            Term::Bitstring(bits) => Shape::Bits(bits.bytes(), bits.last()),
            Term::Tuple(elements) => Shape::Tuple(elements),
            Term::List(elements) => Shape::List(elements, None),
            Term::ImproperList(list) => Shape::List(list.elements(), Some(list.tail())),
            Term::Map(map) => Shape::Map(map.pairs()),
            Term::Pid(pid) => Shape::Pid(pid),
            Term::Reference(reference) => Shape::Reference(reference),
            Term::Port(port) => Shape::Port(port),
            Term::Fun(fun) => Shape::Fun(fun),
        }
    }
}

impl Ord for Term {
    fn cmp(&self, other: &Term) -> Ordering {
        order::compare_fully(self, other)
    }
}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Term) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Term) -> bool {
        order::compare(self, other, Mode::Keys) == Ordering::Equal
    }
}

impl Eq for Term {}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        order::hash(self, state);
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, self)
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, self)
    }
}
