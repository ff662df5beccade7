use std::fmt;
use std::num::NonZeroU64;

/// The identity of a process: small, `Copy`, ordered by age, printed as `<0.42.0>`.
///
/// A pid is never used again within its [`System`](crate::System), and means nothing in another one. The first
/// number is the node; it is 0, this node, until there are others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(NonZeroU64);

const NODE_SHIFT: u32 = 48;

impl Pid {
    /// The system itself, which counts as the parent of every process that was started from outside any process.
    pub const SYSTEM: Pid = Pid(NonZeroU64::MIN);

    pub(crate) const FIRST: u64 = 2;

    pub(crate) fn local(id: u64) -> Pid {
        debug_assert!(id >> NODE_SHIFT == 0, "more than 2^48 processes");
        Pid(NonZeroU64::new(id).expect("process ids start at 1"))
    }

    pub(crate) fn id(self) -> u64 {
        self.0.get() & ((1 << NODE_SHIFT) - 1)
    }

    /// The second number of what is printed: processes are counted up.
    pub fn number(self) -> u64 {
        self.id()
    }

    fn node(self) -> u64 {
        self.0.get() >> NODE_SHIFT
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}.0>", self.node(), self.id())
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
