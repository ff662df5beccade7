/// How deep terms are at most, whatever the limits say: what is decoded, and what is encoded.
///
/// Terms are compared, written and dropped recursively; within this depth a small stack suffices.
pub const MAX_DEPTH: usize = 512;

/// Bounds on what is decoded.
///
/// No length that the input announces is trusted: whatever it announces must still be there, an element for each byte
/// that is left at the least. So memory is at most proportional to the size of the input, by a factor of some fifty;
/// `size` bounds both.
///
/// ```
/// use otp::etf::{Limits, decode};
///
/// let limits = Limits::new().depth(2);
/// assert_eq!(decode(b"\x83h\x01h\x00", &limits).unwrap().to_string(), "{{}}");
/// let error = decode(b"\x83h\x01h\x01h\x00", &limits).unwrap_err();
/// assert_eq!(error.to_string(), "at byte 5: the term is deeper than 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    depth: usize,
    size: usize,
}

impl Limits {
    /// A depth of 256 and a size of 64 MiB.
    pub const fn new() -> Limits {
        Limits { depth: 256, size: 64 << 20 }
    }

    /// How many tuples, lists, maps and closures may be in each other. Never more than [`MAX_DEPTH`].
    pub const fn depth(mut self, depth: usize) -> Limits {
        self.depth = if depth < MAX_DEPTH { depth } else { MAX_DEPTH };
        self
    }

    /// How many bytes the input may have.
    pub const fn size(mut self, bytes: usize) -> Limits {
        self.size = bytes;
        self
    }

    pub(crate) const fn max_depth(&self) -> usize {
        self.depth
    }

    pub(crate) const fn max_size(&self) -> usize {
        self.size
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::new()
    }
}
