/// Bounds of what a peer may make a node keep in memory, for one connection.
///
/// ```
/// use otp::dist::proto::Limits;
///
/// let limits = Limits::default().message(64 << 20);
/// assert_eq!(limits, limits.frame(1 << 20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    frame: usize,
    message: usize,
    sequences: usize,
}

impl Limits {
    /// Frames of 1 MiB, messages of 16 MiB, 64 messages that are incomplete.
    pub const fn new() -> Limits {
        Limits { frame: 1 << 20, message: 16 << 20, sequences: 64 }
    }

    /// How many bytes a frame has at most: nodes of OTP 22 and later send what is larger than 64 KiB in fragments.
    pub const fn frame(mut self, bytes: usize) -> Limits {
        self.frame = bytes;
        self
    }

    /// How many bytes a message has at most, and all incomplete messages together.
    pub const fn message(mut self, bytes: usize) -> Limits {
        self.message = bytes;
        self
    }

    /// How many messages may be incomplete at the same time.
    pub const fn sequences(mut self, count: usize) -> Limits {
        self.sequences = count;
        self
    }

    pub(crate) const fn max_frame(&self) -> usize {
        self.frame
    }

    pub(crate) const fn max_message(&self) -> usize {
        self.message
    }

    pub(crate) const fn max_sequences(&self) -> usize {
        self.sequences
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::new()
    }
}
