use alloc::vec::Vec;

use super::{EncodeError, write};
use crate::borrowed::TermRef;
use crate::limits::MAX_DEPTH;
use crate::order::{Shape, View};
use crate::tags;
use crate::term::{Closure, Fun, Term};

/// The bytes of a term, as Erlang's `term_to_binary/1` makes them: 131 and the term.
///
/// The encoding is that between nodes (minor version 2), byte for byte what a BEAM writes; the keys of a map are in
/// order, as in small maps of OTP 25.
///
/// # Errors
///
/// [`EncodeError`] for a float that Erlang does not have, and for what is too deep or too long.
///
/// ```
/// use otp::etf::{EncodeError, Term, encode};
///
/// assert_eq!(encode(&Term::tuple([Term::atom("ok"), Term::Int(5)])).unwrap(), b"\x83h\x02w\x02oka\x05");
/// assert!(matches!(encode(&Term::Float(f64::NAN)), Err(EncodeError::Float { .. })));
/// ```
pub fn encode(term: &impl Encode) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(64);
    out.push(tags::VERSION);
    encode_into(&mut out, term)?;
    Ok(out)
}

/// Appends a term to bytes, without 131 before it: as terms are in a message between nodes.
///
/// # Errors
///
/// As [`encode`]; what was appended until then is taken away.
pub fn encode_into(out: &mut Vec<u8>, term: &impl Encode) -> Result<(), EncodeError> {
    let before = out.len();
    let result = write(out, term, MAX_DEPTH);
    if result.is_err() {
        out.truncate(before);
    }
    result
}

/// What the encoder takes: a [`Term`] or a [`TermRef`].
#[expect(private_bounds, reason = "there are no others")]
pub trait Encode: View {}

impl Encode for Term {}

impl Encode for TermRef<'_> {}

fn write<T: View>(out: &mut Vec<u8>, term: &T, depth: usize) -> Result<(), EncodeError> {
    let below = || depth.checked_sub(1).ok_or(EncodeError::TooDeep);
    match term.shape() {
        Shape::Int(value) => write::int(out, value),
        Shape::Big(big) => write::big(out, big.is_negative(), big.magnitude())?,
        Shape::Float(value) => write::float(out, value)?,
        Shape::Atom(text) => write::atom(out, text),
        Shape::Bits(bytes, 8) => write::binary(out, bytes)?,
        Shape::Bits(bytes, last) => write::bits(out, bytes, last)?,
        Shape::Pid(pid) => write::pid(out, pid),
        Shape::Reference(reference) => write::reference(out, reference),
        Shape::Port(port) => write::port(out, port),
        Shape::Fun(Fun::Export(export)) => {
            out.push(tags::EXPORT);
            write::atoms(out, &[&export.module, &export.function]);
            write::int(out, export.arity.into());
        }
        Shape::Fun(Fun::Closure(closure)) => write_closure(out, closure, below()?)?,
        Shape::Tuple(elements) => {
            let below = below()?;
            write::tuple(out, elements.len())?;
            elements.iter().try_for_each(|element| write(out, element, below))?;
        }
        Shape::List([], None) => out.push(tags::NIL),
        Shape::List(elements, None) if write_string(out, elements) => {}
        Shape::List(elements, tail) => write_list(out, elements, tail, below()?)?,
        Shape::Map(pairs) => {
            let below = below()?;
            write::head(out, tags::MAP, pairs.len())?;
            for (key, value) in pairs {
                write(out, key, below)?;
                write(out, value, below)?;
            }
        }
    }
    Ok(())
}

/// Appends a list as a string, if it is one: a list of bytes that is not too long.
fn write_string<T: View>(out: &mut Vec<u8>, elements: &[T]) -> bool {
    let Ok(len) = u16::try_from(elements.len()) else { return false };
    let begin = out.len();
    let [a, b] = len.to_be_bytes();
    out.extend_from_slice(&[tags::STRING, a, b]);
    let is_string = elements.iter().all(|element| push_byte(out, element));
    if !is_string {
        out.truncate(begin);
    }
    is_string
}

fn write_list<T: View>(out: &mut Vec<u8>, elements: &[T], tail: Option<&T>, below: usize) -> Result<(), EncodeError> {
    if !elements.is_empty() {
        write::head(out, tags::LIST, elements.len())?;
    }
    elements.iter().try_for_each(|element| write(out, element, below))?;
    match tail {
        Some(tail) => write(out, tail, below)?,
        None => out.push(tags::NIL),
    }
    Ok(())
}

/// Appends the byte that an element is, if it is one.
fn push_byte<T: View>(out: &mut Vec<u8>, element: &T) -> bool {
    let Shape::Int(value) = element.shape() else { return false };
    u8::try_from(value).map(|byte| out.push(byte)).is_ok()
}

fn write_closure(out: &mut Vec<u8>, closure: &Closure, below: usize) -> Result<(), EncodeError> {
    out.push(tags::NEW_FUN);
    let begin = out.len();
    out.extend_from_slice(&[0; 4]);
    out.push(closure.arity);
    out.extend_from_slice(&closure.uniq);
    out.extend_from_slice(&closure.index.to_be_bytes());
    let free = u32::try_from(closure.free.len()).map_err(|_| EncodeError::TooLong { len: closure.free.len() })?;
    out.extend_from_slice(&free.to_be_bytes());
    write::atom(out, &closure.module);
    write::int(out, closure.old_index.into());
    write::int(out, closure.old_uniq.into());
    write::pid(out, &closure.pid);
    closure.free.iter().try_for_each(|term| write(out, term, below))?;
    let len = out.len() - begin;
    let size = u32::try_from(len).map_err(|_| EncodeError::TooLong { len })?;
    out[begin..begin + 4].copy_from_slice(&size.to_be_bytes());
    Ok(())
}
