/// Bytes are no term, or exceed a limit; and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct DecodeError {
    offset: usize,
    kind: DecodeErrorKind,
}

impl DecodeError {
    pub(crate) fn new(offset: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { offset, kind }
    }

    /// The byte of the input at which it was noticed, counted from 0: the tag of the term that is wrong.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.kind
    }
}

/// What is wrong with bytes that are no term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input is shorter than a term in it announces.
    #[error("the input ends before the term does")]
    Truncated,
    /// The first byte is not 131.
    #[error("the first byte is {0}, and not 131")]
    Version(u8),
    /// No term begins with this byte.
    #[error("{0} begins no term")]
    Tag(u8),
    /// The term is deeper than [`Limits::depth`](crate::Limits::depth) allows.
    #[error("the term is deeper than {limit}")]
    #[non_exhaustive]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The input is larger than [`Limits::size`](crate::Limits::size) allows.
    #[error("{size} bytes, where {limit} are the limit")]
    #[non_exhaustive]
    TooLarge {
        /// How large it is.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// An atom that is not UTF-8.
    #[error("an atom that is not UTF-8")]
    AtomText,
    /// An atom of more than 255 characters.
    #[error("an atom of more than 255 characters")]
    AtomLength,
    /// A reference to an entry of the atom cache that the message does not have.
    #[error("a reference to entry {0} of the atom cache, which is not there")]
    AtomCache(u8),
    /// A float that is no number, or infinite.
    #[error("a float that is no number, or infinite")]
    Float,
    /// A big integer whose sign is neither 0 nor 1.
    #[error("an integer whose sign is {0}, which is neither 0 nor 1")]
    Sign(u8),
    /// A bitstring of which an impossible number of bits of the last byte is used.
    #[error("a bitstring that uses {0} bits of its last byte")]
    Bits(u8),
    /// A map that has a key twice.
    #[error("a map that has a key twice")]
    DuplicateKey,
    /// A part of a pid, a reference, a port or a function is of another kind.
    #[error("{0} was expected")]
    Expected(&'static str),
    /// A reference of none or more than five words.
    #[error("a reference of {0} words")]
    Words(u16),
    /// A closure whose size is not the one that it announces.
    #[error("a closure that announces {announced} bytes and has {has}")]
    #[non_exhaustive]
    ClosureSize {
        /// What it announces.
        announced: usize,
        /// What it has.
        has: usize,
    },
    /// A compressed term.
    #[error("a compressed term; they are not decoded")]
    Compressed,
    /// Bytes after the term.
    #[error("{0} bytes after the term")]
    Trailing(usize),
}
