use std::fmt;
use std::sync::Arc;

/// One attempt to start an actor, and what came of it: `id#n`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Incarnation {
    pub(crate) id: Arc<str>,
    pub(crate) n: u32,
}

impl Incarnation {
    pub(crate) fn new(id: &str, n: u32) -> Incarnation {
        Incarnation { id: id.into(), n }
    }

    /// The driver, about which nothing is printed.
    pub(crate) fn driver() -> Incarnation {
        Incarnation::new("driver", 0)
    }

    /// What a label stands for whose actor was never started: a process that has ended.
    pub(crate) fn nobody() -> Incarnation {
        Incarnation::new("nobody", 0)
    }

    /// False for those about which nothing is printed.
    pub(crate) fn is_numbered(&self) -> bool {
        self.n > 0
    }
}

/// As a trace shows it.
impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_numbered() { write!(f, "{}#{}", self.id, self.n) } else { f.write_str(&self.id) }
    }
}
