use std::fmt;
use std::ops::{BitAnd, BitOr};

/// The capabilities that a node announces in its handshake: a set of bits.
///
/// What two nodes use is what both have: `mine & theirs`. See "Distribution Flags" in the chapter "Distribution
/// Protocol" of the ERTS user's guide.
///
/// ```
/// use otp::dist::proto::Flags;
///
/// assert_eq!(Flags::visible(), Flags::hidden() | Flags::PUBLISHED);
/// assert!(!(Flags::visible() & Flags::hidden()).contains(Flags::PUBLISHED));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u64);

impl Flags {
    /// The node shows itself to others.
    pub const PUBLISHED: Flags = Flags(0x1);
    /// The node understands the header of a message with its atom cache.
    pub const DIST_HDR_ATOM_CACHE: Flags = Flags(0x2000);
    /// A message names its sender.
    pub const SEND_SENDER: Flags = Flags(0x8_0000);
    /// Exit reasons are payload.
    pub const EXIT_PAYLOAD: Flags = Flags(0x40_0000);
    /// Large messages come in fragments.
    pub const FRAGMENTS: Flags = Flags(0x80_0000);
    /// Links are removed with an id, which is acknowledged.
    pub const UNLINK_ID: Flags = Flags(0x200_0000);
    /// Stands for everything that OTP 25 demands.
    pub const MANDATORY_25_DIGEST: Flags = Flags(0x400_0000);
    /// The node understands requests to spawn a process; this one refuses them.
    pub const SPAWN: Flags = Flags(1 << 32);
    /// The node asks for a name.
    pub const NAME_ME: Flags = Flags(1 << 33);
    /// Pids and references may be larger than those of old nodes.
    pub const V4_NC: Flags = Flags(1 << 34);
    /// Processes have aliases.
    pub const ALIAS: Flags = Flags(1 << 35);
    /// All signals to aliases are one operation (OTP 28).
    pub const ALTACT_SIG: Flags = Flags(1 << 37);

    /// The flags without which no node connects to another, as OTP 25 has them.
    pub const MANDATORY: Flags = Flags(0x107_0f94);

    /// The flags of this implementation, without [`PUBLISHED`](Flags::PUBLISHED): those of OTP 25.
    pub const fn hidden() -> Flags {
        Flags(0xd_07df_7fbc)
    }

    /// The flags of this implementation.
    pub const fn visible() -> Flags {
        Flags(Flags::hidden().0 | Flags::PUBLISHED.0)
    }

    /// Makes flags of their bits.
    pub const fn from_bits(bits: u64) -> Flags {
        Flags(bits)
    }

    /// The bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Returns whether all of these flags are set.
    pub const fn contains(self, all: Flags) -> bool {
        self.0 & all.0 == all.0
    }

    /// Returns whether one of these flags is set.
    pub const fn has_any(self, of: Flags) -> bool {
        self.0 & of.0 != 0
    }

    /// Adds the flags that the digest stands for.
    pub const fn expanded(self) -> Flags {
        if self.contains(Flags::MANDATORY_25_DIGEST) { Flags(self.0 | Flags::MANDATORY.0) } else { self }
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Flags;

    fn bitand(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({:#x})", self.0)
    }
}
