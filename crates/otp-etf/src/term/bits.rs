use alloc::boxed::Box;

/// A bitstring whose number of bits is not a multiple of eight, such as `<<1, 5:3>>`.
///
/// One of whole bytes is a [`Term::Binary`](crate::Term::Binary); so there is one way to write each.
///
/// ```
/// use otp::etf::{Bitstring, Term};
///
/// let bits = Bitstring::new([1, 0b1010_0000], 3).unwrap();
/// assert_eq!(bits.len(), 11);
/// assert_eq!(Term::Bitstring(bits).to_string(), "<<1,5:3>>");
/// assert!(Bitstring::new([1], 8).is_none(), "this is a binary");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bitstring {
    bytes: Box<[u8]>,
    last: u8,
}

impl Bitstring {
    /// The bitstring of these bytes, of whose last one only the `last` highest bits are used: from 1 to 7. The others
    /// are made zero.
    ///
    /// `None` if there are no bytes, or the number is another one.
    pub fn new(bytes: impl Into<Box<[u8]>>, last: u8) -> Option<Bitstring> {
        let mut bytes = bytes.into();
        if !(1..8).contains(&last) {
            return None;
        }
        *bytes.last_mut()? &= used(last);
        Some(Bitstring { bytes, last })
    }

    /// The bytes. The unused bits of the last one are zero.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bits of the last byte are used, from 1 to 7: the highest ones.
    pub fn last(&self) -> u8 {
        self.last
    }

    /// How many bits there are.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        (self.bytes.len() - 1) * 8 + usize::from(self.last)
    }
}

/// The bits of a byte that are used when `last` of them are.
pub(crate) fn used(last: u8) -> u8 {
    !(0xff_u8 >> last)
}
