/// Bounds of what other nodes may make a node keep in memory.
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
    ties: usize,
    calls: usize,
    lives: usize,
}

impl Limits {
    /// Frames of 1 MiB, messages of 16 MiB, 64 messages that are incomplete; 262,144 ties and as many calls of one node;
    /// 65,536 lives of nodes.
    pub const fn new() -> Limits {
        Limits { frame: 1 << 20, message: 16 << 20, sequences: 64, ties: 1 << 18, calls: 1 << 18, lives: 1 << 16 }
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

    /// How many processes of one node may be tied to processes here, and how many links and monitors it may have made; all
    /// of them together.
    pub const fn ties(mut self, count: usize) -> Limits {
        self.ties = count;
        self
    }

    /// How many calls of one node may wait for the answers of servers here.
    pub const fn calls(mut self, count: usize) -> Limits {
        self.calls = count;
        self
    }

    /// How many lives of other nodes are remembered, so that their pids keep their meaning: a node that is restarted has
    /// another one. One more has the oldest forgotten that is over and that nothing here needs: its pids become those of a
    /// node that was never connected. If there is none, the node is refused.
    pub const fn lives(mut self, count: usize) -> Limits {
        self.lives = count;
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

    pub(crate) const fn max_ties(&self) -> usize {
        self.ties
    }

    pub(crate) const fn max_calls(&self) -> usize {
        self.calls
    }

    pub(crate) const fn max_lives(&self) -> usize {
        self.lives
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::new()
    }
}
