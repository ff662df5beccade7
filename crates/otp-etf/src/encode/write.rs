//! The pieces of encoded terms: what `term_to_binary/2` writes with minor version 2.

use alloc::vec::Vec;

use super::EncodeError;
use crate::tags;
use crate::term::{Atom, Pid, Port, Reference};

pub(crate) fn int(out: &mut Vec<u8>, value: i64) {
    if let Ok(value) = u8::try_from(value) {
        out.extend_from_slice(&[tags::SMALL_INTEGER, value]);
    } else if let Ok(value) = i32::try_from(value) {
        let [a, b, c, d] = value.to_be_bytes();
        out.extend_from_slice(&[tags::INTEGER, a, b, c, d]);
    } else {
        wide(out, value < 0, value.unsigned_abs().into());
    }
}

/// An integer of more than 32 bits.
pub(crate) fn wide(out: &mut Vec<u8>, negative: bool, magnitude: u128) {
    let len = 16 - magnitude.leading_zeros() as usize / 8;
    out.extend_from_slice(&[tags::SMALL_BIG, len as u8, negative.into()]);
    out.extend_from_slice(&magnitude.to_le_bytes()[..len]);
}

pub(crate) fn big(out: &mut Vec<u8>, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError> {
    match u8::try_from(magnitude.len()) {
        Ok(len) => out.extend_from_slice(&[tags::SMALL_BIG, len]),
        Err(_) => head(out, tags::LARGE_BIG, magnitude.len())?,
    }
    out.push(negative.into());
    out.extend_from_slice(magnitude);
    Ok(())
}

pub(crate) fn float(out: &mut Vec<u8>, value: f64) -> Result<(), EncodeError> {
    if !value.is_finite() {
        return Err(EncodeError::float(value));
    }
    out.push(tags::NEW_FLOAT);
    out.extend_from_slice(&value.to_be_bytes());
    Ok(())
}

/// An atom whose length has been checked.
pub(crate) fn atom(out: &mut Vec<u8>, text: &str) {
    match u8::try_from(text.len()) {
        Ok(len) => out.extend_from_slice(&[tags::SMALL_ATOM_UTF8, len]),
        Err(_) => {
            // 255 characters have 1020 bytes at most.
            let [a, b] = (text.len() as u16).to_be_bytes();
            out.extend_from_slice(&[tags::ATOM_UTF8, a, b]);
        }
    }
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn binary(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    head(out, tags::BINARY, bytes.len())?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(crate) fn bits(out: &mut Vec<u8>, bytes: &[u8], last: u8) -> Result<(), EncodeError> {
    head(out, tags::BIT_BINARY, bytes.len())?;
    out.push(last);
    out.extend_from_slice(bytes);
    Ok(())
}

pub(crate) fn tuple(out: &mut Vec<u8>, len: usize) -> Result<(), EncodeError> {
    match u8::try_from(len) {
        Ok(len) => out.extend_from_slice(&[tags::SMALL_TUPLE, len]),
        Err(_) => head(out, tags::LARGE_TUPLE, len)?,
    }
    Ok(())
}

/// A tag and a length of 32 bits.
pub(crate) fn head(out: &mut Vec<u8>, tag: u8, len: usize) -> Result<(), EncodeError> {
    let [a, b, c, d] = u32::try_from(len).map_err(|_| EncodeError::TooLong { len })?.to_be_bytes();
    out.extend_from_slice(&[tag, a, b, c, d]);
    Ok(())
}

pub(crate) fn pid(out: &mut Vec<u8>, pid: &Pid) {
    out.push(tags::NEW_PID);
    atom(out, &pid.node);
    words(out, &[pid.id, pid.serial, pid.creation]);
}

pub(crate) fn reference(out: &mut Vec<u8>, reference: &Reference) {
    out.extend_from_slice(&[tags::NEWER_REFERENCE, 0, reference.words().len() as u8]);
    atom(out, &reference.node);
    words(out, &[reference.creation]);
    words(out, reference.words());
}

pub(crate) fn port(out: &mut Vec<u8>, port: &Port) {
    // Numbers of 28 bits have been valid always.
    match u32::try_from(port.id) {
        Ok(id) if id < 1 << 28 => {
            out.push(tags::NEW_PORT);
            atom(out, &port.node);
            words(out, &[id]);
        }
        _ => {
            out.push(tags::V4_PORT);
            atom(out, &port.node);
            out.extend_from_slice(&port.id.to_be_bytes());
        }
    }
    words(out, &[port.creation]);
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
}

/// An atom as a part of something else.
pub(crate) fn atoms(out: &mut Vec<u8>, atoms: &[&Atom]) {
    atoms.iter().for_each(|text| atom(out, text));
}
