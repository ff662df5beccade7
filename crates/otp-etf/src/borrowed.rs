use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::order::{self, Mode, Shape, View};
use crate::term::{Atom, BigRef, Bitstring, Fun, ImproperList, Map, Pid, Port, Reference, Term};
use crate::text;

/// A term that borrows its texts and bytes from what it was decoded from: [`decode_ref`](crate::decode_ref).
///
/// As a [`Term`], with the same equality, order and text. Identifiers and functions are its own.
#[derive(Clone)]
#[non_exhaustive]
pub enum TermRef<'a> {
    /// An integer that fits an `i64`.
    Int(i64),
    /// An integer that fits no `i64`.
    BigInt(BigRef<'a>),
    /// A float.
    Float(f64),
    /// An atom, by its text. One in Latin-1 is no borrowed text unless it is ASCII.
    Atom(Cow<'a, str>),
    /// A binary.
    Binary(&'a [u8]),
    /// A bitstring that is no binary: its bytes, and how many bits of the last one are used, the highest ones. The others
    /// are zero.
    Bitstring(Cow<'a, [u8]>, u8),
    /// A tuple.
    Tuple(Vec<TermRef<'a>>),
    /// A proper list; `[]` if it is empty.
    List(Vec<TermRef<'a>>),
    /// A list that does not end in `[]`.
    ImproperList(ImproperList<TermRef<'a>>),
    /// A map.
    Map(Map<TermRef<'a>>),
    /// A process identifier.
    Pid(Box<Pid>),
    /// A reference.
    Reference(Box<Reference>),
    /// A port.
    Port(Box<Port>),
    /// A function.
    Fun(Fun),
}

impl TermRef<'_> {
    /// The term, borrowing nothing.
    pub fn to_term(&self) -> Term {
        let all = |terms: &[TermRef<'_>]| terms.iter().map(TermRef::to_term).collect::<Vec<_>>();
        match self {
            TermRef::Int(value) => Term::Int(*value),
            TermRef::BigInt(big) => Term::BigInt(big.to_owned()),
            TermRef::Float(value) => Term::Float(*value),
            TermRef::Atom(text) => Term::Atom(Atom::measured(text)),
            TermRef::Binary(bytes) => Term::Binary(bytes.to_vec()),
            TermRef::Bitstring(bytes, last) => {
                // With an impossible number of bits it was not decoded: its bytes are what there is.
                Bitstring::new(&bytes[..], *last).map_or_else(|| Term::Binary(bytes.to_vec()), Term::Bitstring)
            }
            TermRef::Tuple(elements) => Term::Tuple(all(elements)),
            TermRef::List(elements) => Term::List(all(elements)),
            TermRef::ImproperList(list) => Term::list(all(list.elements()), list.tail().to_term()),
            TermRef::Map(map) => {
                Term::Map(map.into_iter().map(|(key, value)| (key.to_term(), value.to_term())).collect())
            }
            TermRef::Pid(pid) => Term::Pid(pid.clone()),
            TermRef::Reference(reference) => Term::Reference(reference.clone()),
            TermRef::Port(port) => Term::Port(port.clone()),
            TermRef::Fun(fun) => Term::Fun(fun.clone()),
        }
    }

    /// Erlang's order, in which an integer and a float of the same value are equal: [`Term::compare`].
    pub fn compare(&self, other: &TermRef<'_>) -> Ordering {
        order::compare(self, other, Mode::Loose)
    }
}

impl View for TermRef<'_> {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            TermRef::Int(value) => Shape::Int(*value),
            TermRef::BigInt(value) => Shape::Big(*value),
            TermRef::Float(value) => Shape::Float(*value),
            TermRef::Atom(text) => Shape::Atom(text),
            TermRef::Binary(bytes) => Shape::Bits(bytes, 8),
            TermRef::Bitstring(bytes, last) => Shape::Bits(bytes, *last),
            TermRef::Tuple(elements) => Shape::Tuple(elements),
            TermRef::List(elements) => Shape::List(elements, None),
            TermRef::ImproperList(list) => Shape::List(list.elements(), Some(list.tail())),
            TermRef::Map(map) => Shape::Map(map.pairs()),
            TermRef::Pid(pid) => Shape::Pid(pid),
            TermRef::Reference(reference) => Shape::Reference(reference),
            TermRef::Port(port) => Shape::Port(port),
            TermRef::Fun(fun) => Shape::Fun(fun),
        }
    }
}

impl Ord for TermRef<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        order::compare_fully(self, other)
    }
}

impl PartialOrd for TermRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TermRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        order::compare(self, other, Mode::Keys) == Ordering::Equal
    }
}

impl Eq for TermRef<'_> {}

impl Hash for TermRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        order::hash(self, state);
    }
}

impl fmt::Display for TermRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, self)
    }
}

impl fmt::Debug for TermRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, self)
    }
}
