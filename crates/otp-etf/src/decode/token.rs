use alloc::borrow::Cow;
use alloc::boxed::Box;

use crate::term::{BigRef, Closure, Export, Pid, Port, Reference};

/// What the input has next: a term, or the beginning of one. Small, since it is moved a few times.
pub(crate) enum Token<'a> {
    Int(i64),
    Big(BigRef<'a>),
    Float(f64),
    Atom(Cow<'a, str>),
    Binary(&'a [u8]),
    /// Bytes, and how many bits of the last one are used, less than eight.
    Bits(&'a [u8], u8),
    Nil,
    /// A list of the integers that these bytes are.
    String(&'a [u8]),
    /// So many elements follow, and a tail.
    List(usize),
    Tuple(usize),
    /// So many keys follow, each with its value.
    Map(usize),
    Pid(Box<Pid>),
    Reference(Box<Reference>),
    Port(Box<Port>),
    Export(Box<Export>),
    Closure(Box<ClosureHead>),
}

/// A closure without what it has captured.
pub(crate) struct ClosureHead {
    pub(crate) closure: Box<Closure>,
    /// How many captured values follow.
    pub(crate) free: usize,
    /// Where its tag is.
    pub(crate) begins: usize,
    /// What it says that its size is.
    pub(crate) size: usize,
}

/// How a list goes on behind its elements.
pub(crate) enum Tail<'a> {
    Nil,
    /// With so many more elements, and a tail.
    List(usize),
    String(&'a [u8]),
    /// It is improper: the tail has not been read.
    Other,
}
