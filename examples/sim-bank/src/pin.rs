use std::hash::{DefaultHasher, Hasher};

/// A customer's secret number, as the bank keeps it: hashed many times, so that guessing is dear.
///
/// Checking one computes for a while, which is work for a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin(u64);

impl Pin {
    /// The bank's form of a number.
    pub fn new(digits: u16) -> Pin {
        let hash = |hash: u64, _| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(hash);
            hasher.finish()
        };
        Pin((0..1000).fold(u64::from(digits), hash))
    }

    /// Whether this is the PIN with these digits.
    pub fn is(self, digits: u16) -> bool {
        self == Pin::new(digits)
    }
}
