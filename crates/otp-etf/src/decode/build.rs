use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::error::{DecodeError, DecodeErrorKind as Kind};
use super::reader::Reader;
use super::token::{ClosureHead, Tail, Token};
use crate::borrowed::TermRef;
use crate::order::View;
use crate::term::{Atom, Bitstring, Fun, ImproperList, Map, Term};

/// A term that is built of what the input has.
pub(crate) trait Build<'a>: View {
    /// A term that has no parts.
    fn leaf(token: Token<'a>) -> Self;
    fn fun(fun: Fun) -> Self;
    fn tuple(elements: Vec<Self>) -> Self;
    fn list(elements: Vec<Self>) -> Self;
    fn improper(list: ImproperList<Self>) -> Self;
    fn map(map: Map<Self>) -> Self;
}

/// The next term. Recursive, as deep as the reader allows; what it does on the way has frames of its own, which are
/// gone before it goes deeper.
pub(crate) fn build<'a, T: Build<'a>>(reader: &mut Reader<'a>) -> Result<T, DecodeError> {
    let begins = reader.position();
    match reader.next()? {
        Token::Tuple(len) => tuple(reader, len),
        Token::List(len) => list(reader, len),
        Token::Map(len) => map(reader, len, begins),
        Token::Closure(head) => closure(reader, *head),
        leaf => Ok(without_parts(leaf)),
    }
}

#[inline]
fn without_parts<'a, T: Build<'a>>(token: Token<'a>) -> T {
    match token {
        Token::Nil => T::list(Vec::new()),
        Token::String(bytes) => {
            let mut elements = Vec::new();
            extend(&mut elements, bytes);
            T::list(elements)
        }
        Token::Export(export) => T::fun(Fun::Export(export)),
        leaf => T::leaf(leaf),
    }
}

fn extend<'a, T: Build<'a>>(elements: &mut Vec<T>, bytes: &[u8]) {
    elements.extend(bytes.iter().map(|byte| T::leaf(Token::Int((*byte).into()))));
}

fn tuple<'a, T: Build<'a>>(reader: &mut Reader<'a>, len: usize) -> Result<T, DecodeError> {
    let elements = several(reader, len)?;
    reader.leave();
    Ok(T::tuple(elements))
}

fn map<'a, T: Build<'a>>(reader: &mut Reader<'a>, len: usize, begins: usize) -> Result<T, DecodeError> {
    let mut pairs = Vec::with_capacity(len);
    for _ in 0..len {
        let key = build(reader)?;
        pairs.push((key, build(reader)?));
    }
    reader.leave();
    match Map::of(pairs) {
        Some(map) => Ok(T::map(map)),
        None => Err(DecodeError::new(begins, Kind::DuplicateKey)),
    }
}

fn closure<'a, T: Build<'a>>(reader: &mut Reader<'a>, mut head: ClosureHead) -> Result<T, DecodeError> {
    head.closure.free = several(reader, head.free)?;
    reader.leave_closure(head.begins, head.size)?;
    Ok(T::fun(Fun::Closure(head.closure)))
}

fn several<'a, T: Build<'a>>(reader: &mut Reader<'a>, len: usize) -> Result<Vec<T>, DecodeError> {
    let mut terms = Vec::with_capacity(len);
    for _ in 0..len {
        terms.push(build(reader)?);
    }
    Ok(terms)
}

/// A list, and the list that may be its tail, and so on: in Erlang it is one list.
fn list<'a, T: Build<'a>>(reader: &mut Reader<'a>, mut len: usize) -> Result<T, DecodeError> {
    let mut elements = Vec::with_capacity(len);
    loop {
        for _ in 0..len {
            elements.push(build(reader)?);
        }
        len = match reader.next_tail()? {
            Tail::Nil => {
                reader.leave();
                return Ok(T::list(elements));
            }
            Tail::String(bytes) => {
                reader.leave();
                extend(&mut elements, bytes);
                return Ok(T::list(elements));
            }
            Tail::List(more) => {
                elements.reserve(more);
                more
            }
            Tail::Other => {
                let tail = build(reader)?;
                reader.leave();
                return Ok(improper(elements, tail));
            }
        };
    }
}

fn improper<'a, T: Build<'a>>(elements: Vec<T>, tail: T) -> T {
    if elements.is_empty() { tail } else { T::improper(ImproperList::of(elements, tail)) }
}

impl<'a> Build<'a> for Term {
    #[inline]
    fn leaf(token: Token<'a>) -> Term {
        match token {
            Token::Int(value) => Term::Int(value),
            Token::Big(big) => Term::BigInt(big.to_owned()),
            Token::Float(value) => Term::Float(value),
            Token::Atom(text) => Term::Atom(Atom::measured(&text)),
            Token::Binary(bytes) => Term::Binary(bytes.into()),
            Token::Bits(bytes, last) => Bitstring::new(bytes, last).map_or(Term::NIL, Term::Bitstring),
            Token::Pid(pid) => Term::Pid(pid),
            Token::Reference(reference) => Term::Reference(reference),
            Token::Port(port) => Term::Port(port),
            _ => Term::NIL,
        }
    }

    fn fun(fun: Fun) -> Term {
        Term::Fun(fun)
    }

    fn tuple(elements: Vec<Term>) -> Term {
        Term::Tuple(elements)
    }

    fn list(elements: Vec<Term>) -> Term {
        Term::List(elements)
    }

    fn improper(list: ImproperList) -> Term {
        Term::ImproperList(list)
    }

    fn map(map: Map) -> Term {
        Term::Map(map)
    }
}

impl<'a> Build<'a> for TermRef<'a> {
    #[inline]
    fn leaf(token: Token<'a>) -> TermRef<'a> {
        match token {
            Token::Int(value) => TermRef::Int(value),
            Token::Big(big) => TermRef::BigInt(big),
            Token::Float(value) => TermRef::Float(value),
            Token::Atom(text) => TermRef::Atom(text),
            Token::Binary(bytes) => TermRef::Binary(bytes),
            Token::Bits(bytes, last) => {
                // The unused bits are part of no value.
                let clean = bytes.last().is_none_or(|byte| byte & !crate::term::bits::used(last) == 0);
                match Bitstring::new(bytes, last) {
                    Some(bits) if !clean => TermRef::Bitstring(Cow::Owned(bits.bytes().into()), last),
                    _ => TermRef::Bitstring(Cow::Borrowed(bytes), last),
                }
            }
            Token::Pid(pid) => TermRef::Pid(pid),
            Token::Reference(reference) => TermRef::Reference(reference),
            Token::Port(port) => TermRef::Port(port),
            _ => TermRef::List(Vec::new()),
        }
    }

    fn fun(fun: Fun) -> TermRef<'a> {
        TermRef::Fun(fun)
    }

    fn tuple(elements: Vec<TermRef<'a>>) -> TermRef<'a> {
        TermRef::Tuple(elements)
    }

    fn list(elements: Vec<TermRef<'a>>) -> TermRef<'a> {
        TermRef::List(elements)
    }

    fn improper(list: ImproperList<TermRef<'a>>) -> TermRef<'a> {
        TermRef::ImproperList(list)
    }

    fn map(map: Map<TermRef<'a>>) -> TermRef<'a> {
        TermRef::Map(map)
    }
}
