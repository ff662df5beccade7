use alloc::boxed::Box;
use core::cmp::Ordering;

/// An integer that an `i64` does not hold.
///
/// A [`Term`](crate::Term) has its integers as `Int` where they fit, and as `BigInt` only where they do not; so there is
/// one way to write each integer, and a pattern finds it. [`Term::integer`](crate::Term::integer) and `Term::from`
/// choose.
///
/// ```
/// use otp::etf::Term;
///
/// let Term::BigInt(big) = Term::from(u64::MAX) else { panic!("2^64 - 1 is more than an i64 holds") };
/// assert_eq!(u64::try_from(&big), Ok(u64::MAX));
/// assert_eq!(big.to_string(), "18446744073709551615");
/// assert_eq!(Term::from(5_u64), Term::Int(5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BigInt {
    negative: bool,
    /// Without zeros at its end.
    magnitude: Box<[u8]>,
}

impl BigInt {
    /// Whether the integer is less than zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The bytes of the absolute value, the lowest first; the last one is not zero.
    pub fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }

    pub(crate) fn as_ref(&self) -> BigRef<'_> {
        BigRef { negative: self.negative, magnitude: &self.magnitude }
    }
}

/// An integer that an `i64` does not hold, borrowed from the bytes that it was decoded from.
///
/// What a [`BigInt`] is to a [`Term`](crate::Term) this is to a [`TermRef`](crate::TermRef).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BigRef<'a> {
    negative: bool,
    magnitude: &'a [u8],
}

impl<'a> BigRef<'a> {
    /// Whether the integer is less than zero.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The bytes of the absolute value, the lowest first; the last one is not zero.
    pub fn magnitude(self) -> &'a [u8] {
        self.magnitude
    }

    /// The integer, with bytes of its own.
    pub fn to_owned(self) -> BigInt {
        BigInt { negative: self.negative, magnitude: self.magnitude.into() }
    }

    pub(crate) fn compare(self, other: BigRef<'_>) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitudes(self.magnitude, other.magnitude),
            (true, true) => magnitudes(other.magnitude, self.magnitude),
        }
    }

    pub(crate) fn compare_float(self, float: f64) -> Ordering {
        // Below 2^63 in either direction a float is nearer to zero than any such integer.
        let sign = if self.negative { -1.0 } else { 1.0 };
        let size = if float * sign < 9_223_372_036_854_775_808.0 {
            Ordering::Greater
        } else {
            let (bytes, len) = whole(float.abs());
            magnitudes(self.magnitude, &bytes[..len])
        };
        if self.negative { size.reverse() } else { size }
    }
}

/// An integer, as what holds it.
pub(crate) enum Fitted<'a> {
    Small(i64),
    Big(BigRef<'a>),
}

/// An integer of any size by its sign and bytes, the lowest first.
pub(crate) fn fit(negative: bool, magnitude: &[u8]) -> Fitted<'_> {
    let len = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let magnitude = &magnitude[..len];
    if len <= 8 {
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(magnitude);
        let value = u64::from_le_bytes(bytes);
        if negative && value <= 1 << 63 {
            return Fitted::Small((value as i64).wrapping_neg());
        } else if let Ok(value) = i64::try_from(value)
            && !negative
        {
            return Fitted::Small(value);
        }
    }
    Fitted::Big(BigRef { negative, magnitude })
}

/// `a` against `b`, both the lowest byte first and without zeros at the end.
fn magnitudes(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// The bytes of a float that is whole because it is large, and how many they are.
fn whole(float: f64) -> ([u8; 128], usize) {
    let bits = float.to_bits();
    let mantissa = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    let shift = ((bits >> 52) & 0x7ff) as usize - 1075;
    let mut bytes = [0; 128];
    let (first, part) = (shift / 8, (mantissa << (shift % 8)).to_le_bytes());
    let room = part.len().min(bytes.len() - first);
    bytes[first..first + room].copy_from_slice(&part[..room]);
    let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    (bytes, len)
}

macro_rules! into_wide {
    ($($wide:ty)*) => {$(
        /// The integer does not fit otherwise: it comes back.
        impl TryFrom<&BigInt> for $wide {
            type Error = BigInt;

            fn try_from(big: &BigInt) -> Result<$wide, BigInt> {
                <$wide>::try_from(big.as_ref()).map_err(BigRef::to_owned)
            }
        }

        /// The integer does not fit otherwise: it comes back.
        impl<'a> TryFrom<BigRef<'a>> for $wide {
            type Error = BigRef<'a>;

            fn try_from(big: BigRef<'a>) -> Result<$wide, BigRef<'a>> {
                let value = absolute(big.magnitude).ok_or(big)?;
                if !big.negative {
                    return <$wide>::try_from(value).map_err(|_| big);
                }
                // The least i128 has no positive counterpart.
                let least = value == 1 << 127;
                let value = if least { i128::MIN } else { -i128::try_from(value).map_err(|_| big)? };
                <$wide>::try_from(value).map_err(|_| big)
            }
        }
    )*};
}

into_wide!(u64 u128 i128);

fn absolute(magnitude: &[u8]) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    Some(u128::from_le_bytes(bytes))
}
