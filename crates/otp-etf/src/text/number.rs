use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::term::{BigInt, BigRef, Term};

/// Larger integers are written in base 16: decimal digits take the square of the time.
const DECIMAL_BYTES: usize = 512;
/// Longer ones in decimal are not read, for the same reason.
pub(super) const DECIMAL_DIGITS: usize = 1300;

/// As many decimal digits as fit into 64 bits.
const CHUNK: u64 = 10_u64.pow(19);

pub(super) fn write_big(out: &mut impl Write, big: BigRef<'_>) -> fmt::Result {
    if big.is_negative() {
        out.write_char('-')?;
    }
    let magnitude = big.magnitude();
    if magnitude.len() > DECIMAL_BYTES {
        out.write_str("16#")?;
        let mut bytes = magnitude.iter().rev();
        bytes.next().map_or(Ok(()), |first| write!(out, "{first:x}"))?;
        return bytes.try_for_each(|byte| write!(out, "{byte:02x}"));
    }
    let mut digits: Vec<u64> = magnitude.chunks(8).map(word).collect();
    let mut chunks = Vec::new();
    while !digits.is_empty() {
        let mut rest = 0;
        for digit in digits.iter_mut().rev() {
            let value = u128::from(rest) << 64 | u128::from(*digit);
            *digit = (value / u128::from(CHUNK)) as u64;
            rest = (value % u128::from(CHUNK)) as u64;
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        chunks.push(rest);
    }
    let mut chunks = chunks.iter().rev();
    chunks.next().map_or(Ok(()), |first| write!(out, "{first}"))?;
    chunks.try_for_each(|chunk| write!(out, "{chunk:019}"))
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The shortest text that is this float again, with a point in it, as Erlang requires.
pub(super) fn write_float(out: &mut impl Write, value: f64) -> fmt::Result {
    let mut text = alloc::format!("{value:?}");
    if let Some(exponent) = text.find('e')
        && !text.contains('.')
    {
        text.insert_str(exponent, ".0");
    }
    out.write_str(&text)
}

/// The integer of these digits, which have been checked to be of the base.
pub(super) fn integer(negative: bool, digits: &str, base: u32) -> Term {
    let mut words: Vec<u64> = Vec::new();
    for digit in digits.chars().filter_map(|digit| digit.to_digit(base)) {
        let mut carry = u128::from(digit);
        for word in &mut words {
            let value = u128::from(*word) * u128::from(base) + carry;
            *word = value as u64;
            carry = value >> 64;
        }
        if carry > 0 {
            words.push(carry as u64);
        }
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Term::integer(negative, &bytes)
}

/// The integer of these digits of base 16, of any length.
pub(super) fn hexadecimal(negative: bool, digits: &str) -> Term {
    let digits: Vec<u8> = digits.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    let bytes: Vec<u8> = digits.rchunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    Term::integer(negative, &bytes)
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_big(f, self.as_ref())
    }
}

impl fmt::Display for BigRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_big(f, *self)
    }
}
