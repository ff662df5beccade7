use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::number;
use crate::encode::encode_into;
use crate::order::{Shape, View};
use crate::term::{Closure, Fun, Term};

/// Writes a term; with a precision no more than so many characters of it, and `...`.
pub(crate) fn write<T: View>(f: &mut fmt::Formatter<'_>, term: &T) -> fmt::Result {
    let Some(left) = f.precision() else { return any(f, term) };
    let mut bounded = Bounded { out: f, left, is_full: false };
    let result = any(&mut bounded, term);
    match bounded.is_full {
        true => f.write_str("..."),
        false => result,
    }
}

/// Passes on so many characters, and then ends the writing by an error.
struct Bounded<'o, 'f> {
    out: &'o mut fmt::Formatter<'f>,
    left: usize,
    is_full: bool,
}

impl Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.char_indices().nth(self.left) {
            Some((end, _)) => {
                self.is_full = true;
                self.out.write_str(&text[..end])?;
                Err(fmt::Error)
            }
            None => {
                self.left -= text.chars().count();
                self.out.write_str(text)
            }
        }
    }
}

/// Recursive, as deep as the term is.
fn any<T: View>(out: &mut impl Write, term: &T) -> fmt::Result {
    match term.shape() {
        Shape::Int(value) => write!(out, "{value}"),
        Shape::Big(value) => number::write_big(out, value),
        Shape::Float(value) => number::write_float(out, value),
        Shape::Atom(text) => write_atom(out, text),
        Shape::Reference(reference) => write!(out, "{reference}"),
        Shape::Port(port) => write!(out, "{port}"),
        Shape::Pid(pid) => write!(out, "{pid}"),
        Shape::Fun(Fun::Export(export)) => write!(out, "fun {}:{}/{}", export.module, export.function, export.arity),
        Shape::Fun(Fun::Closure(closure)) => write_closure(out, closure),
        Shape::Tuple(elements) => {
            out.write_char('{')?;
            several(out, elements)?;
            out.write_char('}')
        }
        Shape::Map(pairs) => {
            out.write_str("#{")?;
            for (place, (key, value)) in pairs.iter().enumerate() {
                out.write_str(if place == 0 { "" } else { "," })?;
                any(out, key)?;
                out.write_str(" => ")?;
                any(out, value)?;
            }
            out.write_char('}')
        }
        Shape::List(elements, None) if is_text(elements) => {
            let bytes = elements.iter().filter_map(byte);
            quoted(out, '"', bytes.map(char::from))
        }
        Shape::List(elements, tail) => {
            out.write_char('[')?;
            several(out, elements)?;
            if let Some(tail) = tail {
                out.write_char('|')?;
                any(out, tail)?;
            }
            out.write_char(']')
        }
        Shape::Bits(bytes, last) => write_bits(out, bytes, last),
    }
}

fn several<T: View>(out: &mut impl Write, terms: &[T]) -> fmt::Result {
    for (place, term) in terms.iter().enumerate() {
        out.write_str(if place == 0 { "" } else { "," })?;
        any(out, term)?;
    }
    Ok(())
}

fn write_bits(out: &mut impl Write, bytes: &[u8], last: u8) -> fmt::Result {
    out.write_str("<<")?;
    match core::str::from_utf8(bytes) {
        Ok(text) if last == 8 && !text.is_empty() && text.chars().all(is_shown) => {
            quoted(out, '"', text.chars())?;
            out.write_str(if text.is_ascii() { "" } else { "/utf8" })?;
        }
        _ => {
            let whole = if last == 8 { bytes.len() } else { bytes.len().saturating_sub(1) };
            for (place, byte) in bytes.iter().enumerate() {
                out.write_str(if place == 0 { "" } else { "," })?;
                match place < whole {
                    true => write!(out, "{byte}")?,
                    false => write!(out, "{}:{last}", byte >> (8 - last))?,
                }
            }
        }
    }
    out.write_str(">>")
}

/// A closure has no syntax in Erlang: its module, and its encoding in base 16.
fn write_closure(out: &mut impl Write, closure: &Closure) -> fmt::Result {
    write!(out, "#Fun<{}/{}:", closure.module, closure.arity)?;
    let mut bytes = Vec::new();
    let fun = Term::Fun(Fun::Closure(closure.clone().into()));
    if encode_into(&mut bytes, &fun).is_ok() {
        bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
    }
    out.write_char('>')
}

/// What Erlang keeps for itself; as atoms they are quoted.
const RESERVED: [&str; 29] = [
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond", "div",
    "else", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor",
];

pub(crate) fn write_atom(out: &mut impl Write, text: &str) -> fmt::Result {
    let is_plain = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@')
        && !RESERVED.contains(&text);
    if is_plain { out.write_str(text) } else { quoted(out, '\'', text.chars()) }
}

fn quoted(out: &mut impl Write, quote: char, text: impl Iterator<Item = char>) -> fmt::Result {
    out.write_char(quote)?;
    for char in text {
        match char {
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\\' => out.write_str("\\\\")?,
            char if char == quote => write!(out, "\\{quote}")?,
            char if char.is_control() => write!(out, "\\x{{{:x}}}", u32::from(char))?,
            char => out.write_char(char)?,
        }
    }
    out.write_char(quote)
}

/// Whether a list is shown as a text: printable ASCII.
fn is_text<T: View>(elements: &[T]) -> bool {
    let mut bytes = elements.iter().map(byte);
    !elements.is_empty() && bytes.all(|byte| byte.is_some_and(|byte| byte.is_ascii() && is_shown(byte.into())))
}

fn byte<T: View>(term: &T) -> Option<u8> {
    if let Shape::Int(value) = term.shape() { value.try_into().ok() } else { None }
}

fn is_shown(char: char) -> bool {
    !char.is_control() || matches!(char, '\n' | '\r' | '\t')
}
