use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{DecodeError, DecodeErrorKind as Kind};
use super::token::{ClosureHead, Tail, Token};
use crate::limits::Limits;
use crate::tags;
use crate::term::integer::{Fitted, fit};
use crate::term::{Atom, Closure, Export, Pid, Port, Reference, atom};

type Result<T> = core::result::Result<T, DecodeError>;

/// Reads terms piece by piece; all bounds are kept here.
///
/// What reads the pieces says when a list, a tuple, a map or a closure is over: [`leave`](Reader::leave).
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    /// How many terms the ones that have begun still need. Each has a byte at least, so no more than there are bytes: what
    /// is reserved for them is bounded by the input, however often it lies.
    owed: usize,
    depth: usize,
    max_depth: usize,
    atoms: &'a [Atom],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8], limits: &Limits) -> Result<Reader<'a>> {
        if input.len() > limits.max_size() {
            let kind = Kind::TooLarge { size: input.len(), limit: limits.max_size() };
            return Err(DecodeError::new(0, kind));
        }
        Ok(Reader { input, at: 0, owed: 0, depth: 0, max_depth: limits.max_depth(), atoms: &[] })
    }

    /// A reader of bytes of our own.
    #[cfg(feature = "serde")]
    pub(crate) fn of(input: &'a [u8]) -> Reader<'a> {
        Reader { input, at: 0, owed: 0, depth: 0, max_depth: 0, atoms: &[] }
    }

    pub(crate) fn set_atoms(&mut self, atoms: &'a [Atom]) {
        self.atoms = atoms;
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    /// The input from a position to here.
    pub(crate) fn since(&self, begin: usize) -> &'a [u8] {
        &self.input[begin..self.at]
    }

    pub(crate) fn version(&mut self) -> Result<()> {
        match self.byte(self.at)? {
            tags::VERSION => Ok(()),
            other => Err(DecodeError::new(self.at - 1, Kind::Version(other))),
        }
    }

    pub(crate) fn finish(&self) -> Result<()> {
        match self.rest().len() {
            0 => Ok(()),
            rest => Err(DecodeError::new(self.at, Kind::Trailing(rest))),
        }
    }

    /// The next term, or its beginning.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Token<'a>> {
        let begins = self.at;
        self.owed = self.owed.saturating_sub(1);
        Ok(match self.byte(begins)? {
            tags::SMALL_INTEGER => Token::Int(self.byte(begins)?.into()),
            tags::INTEGER => Token::Int(self.i32(begins)?.into()),
            tags::SMALL_BIG => {
                let len = self.byte(begins)?.into();
                self.big(begins, len)?
            }
            tags::LARGE_BIG => {
                let len = self.len(begins)?;
                self.big(begins, len)?
            }
            tags::NEW_FLOAT => Token::Float(finite(f64::from_be_bytes(self.array(begins)?), begins)?),
            tags::FLOAT => Token::Float(old_float(self.array(begins)?, begins)?),
            tag @ (tags::SMALL_ATOM_UTF8 | tags::ATOM_UTF8 | tags::SMALL_ATOM | tags::ATOM | tags::ATOM_CACHE_REF) => {
                Token::Atom(self.atom_of(begins, tag)?)
            }
            tags::BINARY => {
                let len = self.len(begins)?;
                Token::Binary(self.bytes(begins, len)?)
            }
            tags::BIT_BINARY => self.bits(begins)?,
            tags::NIL => Token::Nil,
            tags::STRING => match self.u16(begins)? {
                0 => Token::Nil,
                len => Token::String(self.bytes(begins, len.into())?),
            },
            tags::LIST => {
                let len = self.len(begins)?;
                Token::List(self.enter(begins, len, len.saturating_add(1))?)
            }
            tags::SMALL_TUPLE => {
                let len = self.byte(begins)?.into();
                Token::Tuple(self.enter(begins, len, len)?)
            }
            tags::LARGE_TUPLE => {
                let len = self.len(begins)?;
                Token::Tuple(self.enter(begins, len, len)?)
            }
            tags::MAP => {
                let len = self.len(begins)?;
                Token::Map(self.enter(begins, len, len.saturating_mul(2))?)
            }
            tag @ (tags::NEW_PID | tags::PID) => Token::Pid(Box::new(self.pid(begins, tag)?)),
            tag @ (tags::V4_PORT | tags::NEW_PORT | tags::PORT) => Token::Port(Box::new(self.port(begins, tag)?)),
            tag @ (tags::NEWER_REFERENCE | tags::NEW_REFERENCE | tags::REFERENCE) => {
                Token::Reference(Box::new(self.reference(begins, tag)?))
            }
            tags::EXPORT => Token::Export(Box::new(self.export(begins)?)),
            tags::NEW_FUN => Token::Closure(Box::new(self.closure(begins)?)),
            tags::COMPRESSED => return Err(DecodeError::new(begins, Kind::Compressed)),
            other => return Err(DecodeError::new(begins, Kind::Tag(other))),
        })
    }

    /// The tail of a list. Another list goes on with the one that it is the tail of.
    pub(crate) fn next_tail(&mut self) -> Result<Tail<'a>> {
        let is_list = matches!(self.rest().first(), Some(&(tags::NIL | tags::STRING | tags::LIST)));
        if !is_list {
            return Ok(Tail::Other);
        }
        // It is no deeper, so that its depth is within the limit.
        self.leave();
        Ok(match self.next()? {
            Token::String(bytes) => {
                self.depth += 1;
                Tail::String(bytes)
            }
            Token::List(len) => Tail::List(len),
            _ => {
                self.depth += 1;
                Tail::Nil
            }
        })
    }

    /// Says that a list, a tuple, a map or a closure is over.
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Says that a closure is over.
    pub(crate) fn leave_closure(&mut self, begins: usize, announced: usize) -> Result<()> {
        self.leave();
        let has = self.at - begins - 1;
        if has != announced {
            return Err(DecodeError::new(begins, Kind::ClosureSize { announced, has }));
        }
        Ok(())
    }

    /// Something with parts begins: `needs` is how many terms have to follow.
    fn enter(&mut self, begins: usize, len: usize, needs: usize) -> Result<usize> {
        self.owed = self.owed.saturating_add(needs);
        if self.owed > self.input.len() - self.at {
            return Err(DecodeError::new(begins, Kind::Truncated));
        }
        if self.depth == self.max_depth {
            return Err(DecodeError::new(begins, Kind::TooDeep { limit: self.max_depth }));
        }
        self.depth += 1;
        Ok(len)
    }

    fn big(&mut self, begins: usize, len: usize) -> Result<Token<'a>> {
        let sign = self.byte(begins)?;
        let magnitude = self.bytes(begins, len)?;
        if sign > 1 {
            return Err(DecodeError::new(begins, Kind::Sign(sign)));
        }
        Ok(match fit(sign == 1, magnitude) {
            Fitted::Small(value) => Token::Int(value),
            Fitted::Big(big) => Token::Big(big),
        })
    }

    fn bits(&mut self, begins: usize) -> Result<Token<'a>> {
        let len = self.len(begins)?;
        let last = self.byte(begins)?;
        let bytes = self.bytes(begins, len)?;
        match (len, last) {
            (0, 0) | (1.., 8) => Ok(Token::Binary(bytes)),
            (1.., 1..8) => Ok(Token::Bits(bytes, last)),
            _ => Err(DecodeError::new(begins, Kind::Bits(last))),
        }
    }

    /// An atom as a part of something else.
    fn atom(&mut self) -> Result<Atom> {
        let begins = self.at;
        match self.byte(begins)? {
            tag @ (tags::SMALL_ATOM_UTF8 | tags::ATOM_UTF8 | tags::SMALL_ATOM | tags::ATOM | tags::ATOM_CACHE_REF) => {
                Ok(Atom::measured(&self.atom_of(begins, tag)?))
            }
            _ => Err(DecodeError::new(begins, Kind::Expected("an atom"))),
        }
    }

    fn atom_of(&mut self, begins: usize, tag: u8) -> Result<Cow<'a, str>> {
        let len = match tag {
            tags::SMALL_ATOM_UTF8 | tags::SMALL_ATOM => self.byte(begins)?.into(),
            tags::ATOM_UTF8 | tags::ATOM => self.u16(begins)?.into(),
            _ => {
                let entry = self.byte(begins)?;
                let atom = self.atoms.get(usize::from(entry));
                let atom = atom.ok_or_else(|| DecodeError::new(begins, Kind::AtomCache(entry)))?;
                return Ok(Cow::Borrowed(atom));
            }
        };
        let bytes = self.bytes(begins, len)?;
        if matches!(tag, tags::SMALL_ATOM_UTF8 | tags::ATOM_UTF8) {
            let text = core::str::from_utf8(bytes).map_err(|_| DecodeError::new(begins, Kind::AtomText))?;
            return match atom::is_too_long(text) {
                false => Ok(Cow::Borrowed(text)),
                true => Err(DecodeError::new(begins, Kind::AtomLength)),
            };
        }
        if len > atom::MAX_CHARS {
            return Err(DecodeError::new(begins, Kind::AtomLength));
        }
        match core::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Ok(Cow::Borrowed(text)),
            // Each byte of Latin-1 is the code point of its character.
            _ => Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect::<String>())),
        }
    }

    fn pid(&mut self, begins: usize, tag: u8) -> Result<Pid> {
        let node = self.atom()?;
        let (id, serial) = (self.u32(begins)?, self.u32(begins)?);
        let creation = if tag == tags::PID { self.byte(begins)?.into() } else { self.u32(begins)? };
        Ok(Pid::new(node, id, serial, creation))
    }

    fn port(&mut self, begins: usize, tag: u8) -> Result<Port> {
        let node = self.atom()?;
        let id = if tag == tags::V4_PORT { u64::from_be_bytes(self.array(begins)?) } else { self.u32(begins)?.into() };
        let creation = if tag == tags::PORT { self.byte(begins)?.into() } else { self.u32(begins)? };
        Ok(Port::new(node, id, creation))
    }

    fn reference(&mut self, begins: usize, tag: u8) -> Result<Reference> {
        if tag == tags::REFERENCE {
            let (node, word) = (self.atom()?, self.u32(begins)?);
            let creation = self.byte(begins)?.into();
            return Reference::new(node, creation, &[word]).ok_or_else(|| DecodeError::new(begins, Kind::Words(1)));
        }
        let len = self.u16(begins)?;
        let node = self.atom()?;
        let creation = if tag == tags::NEW_REFERENCE { self.byte(begins)?.into() } else { self.u32(begins)? };
        let mut words = [0; Reference::MAX_WORDS];
        let words = words.get_mut(..len.into()).ok_or_else(|| DecodeError::new(begins, Kind::Words(len)))?;
        for word in words.iter_mut() {
            *word = self.u32(begins)?;
        }
        Reference::new(node, creation, words).ok_or_else(|| DecodeError::new(begins, Kind::Words(len)))
    }

    fn export(&mut self, begins: usize) -> Result<Export> {
        let (module, function) = (self.atom()?, self.atom()?);
        let arity = u8::try_from(self.small(begins)?);
        let arity = arity.map_err(|_| DecodeError::new(begins, Kind::Expected("an arity from 0 to 255")))?;
        Ok(Export::new(module, function, arity))
    }

    fn closure(&mut self, begins: usize) -> Result<ClosureHead> {
        let size = self.len(begins)?;
        let arity = self.byte(begins)?;
        let uniq = self.array(begins)?;
        let (index, free) = (self.u32(begins)?, self.len(begins)?);
        let module = self.atom()?;
        let (old_index, old_uniq) = (self.small(begins)?, self.small(begins)?);
        let pid_begins = self.at;
        let pid = match self.byte(pid_begins)? {
            tag @ (tags::NEW_PID | tags::PID) => self.pid(pid_begins, tag)?,
            _ => return Err(DecodeError::new(pid_begins, Kind::Expected("a pid"))),
        };
        let free = self.enter(begins, free, free)?;
        let closure = Closure { module, arity, index, uniq, old_index, old_uniq, pid, free: Vec::new() };
        Ok(ClosureHead { closure: Box::new(closure), free, begins, size })
    }

    /// An integer of 32 bits as a part of something else.
    fn small(&mut self, begins: usize) -> Result<i32> {
        let at = self.at;
        match self.byte(begins)? {
            tags::SMALL_INTEGER => Ok(self.byte(begins)?.into()),
            tags::INTEGER => self.i32(begins),
            _ => Err(DecodeError::new(at, Kind::Expected("an integer of 32 bits"))),
        }
    }

    #[inline]
    fn bytes(&mut self, begins: usize, len: usize) -> Result<&'a [u8]> {
        let bytes = self.input[self.at..].get(..len).ok_or_else(|| DecodeError::new(begins, Kind::Truncated))?;
        self.at += len;
        Ok(bytes)
    }

    #[inline]
    fn array<const N: usize>(&mut self, begins: usize) -> Result<[u8; N]> {
        let bytes = self.input[self.at..].first_chunk().ok_or_else(|| DecodeError::new(begins, Kind::Truncated))?;
        self.at += N;
        Ok(*bytes)
    }

    #[inline]
    fn byte(&mut self, begins: usize) -> Result<u8> {
        Ok(self.array::<1>(begins)?[0])
    }

    fn u16(&mut self, begins: usize) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array(begins)?))
    }

    fn u32(&mut self, begins: usize) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array(begins)?))
    }

    fn i32(&mut self, begins: usize) -> Result<i32> {
        Ok(i32::from_be_bytes(self.array(begins)?))
    }

    /// A length or a count, which is still to be believed.
    fn len(&mut self, begins: usize) -> Result<usize> {
        Ok(usize::try_from(self.u32(begins)?).unwrap_or(usize::MAX))
    }
}

fn finite(value: f64, begins: usize) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(DecodeError::new(begins, Kind::Float)) }
}

/// A float as a text of `%.20e`, filled with zeros.
fn old_float(bytes: [u8; 31], begins: usize) -> Result<f64> {
    let error = || DecodeError::new(begins, Kind::Float);
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = core::str::from_utf8(text).map_err(|_| error())?.trim_ascii();
    let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let value = text.parse().ok().filter(|_| is_number).ok_or_else(error)?;
    finite(value, begins)
}
