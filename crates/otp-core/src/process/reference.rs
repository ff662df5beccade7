use std::fmt;

/// A unique reference: never used again within its system, printed as `#Ref<42>`; Erlang's `reference()`.
///
/// A [`MonitorRef`], a [`TimerRef`](crate::TimerRef) and an [`Alias`](crate::Alias) each contain one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref(u64);

/// Identifies one monitor, in a `Down` and for `demonitor`; printed as its [`Ref`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorRef(Ref);

impl Ref {
    /// Two counters make references: the system's (even) and the one of its timers (odd), which has its own lock.
    pub(crate) fn of_system(count: u64) -> Ref {
        Ref(count << 1)
    }

    pub(crate) fn of_timer(age: u64) -> Ref {
        Ref(age << 1 | 1)
    }

    /// Makes the reference with this number again; for crates that send references to other nodes.
    pub fn from_number(number: u64) -> Ref {
        Ref(number)
    }

    /// The number that is printed.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl MonitorRef {
    /// Makes the monitor with this reference; for crates that send references to other nodes.
    pub fn new(reference: Ref) -> MonitorRef {
        MonitorRef(reference)
    }

    /// The reference.
    pub fn reference(self) -> Ref {
        self.0
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}>", self.0)
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MonitorRef({})", self.0.number())
    }
}
