use std::fmt;
use std::sync::Arc;

use super::callee::Callee;

/// Processes that wait for each other: each one for the next, and the last one for the first. In
/// [`CallError::Deadlock`](crate::CallError::Deadlock) the first one is the caller.
///
/// Its text names them in order: `a <0.2.0> waits for b <0.3.0>, which waits for a <0.2.0>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Cycle(Arc<[Callee]>);

impl Cycle {
    pub(crate) fn new(processes: impl IntoIterator<Item = Callee>) -> Cycle {
        Cycle(processes.into_iter().collect())
    }

    /// The processes, in order.
    pub fn processes(&self) -> &[Callee] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else { return f.write_str("nobody waits") };
        write!(f, "{first} waits for ")?;
        others.iter().try_for_each(|next| write!(f, "{next}, which waits for "))?;
        write!(f, "{first}")
    }
}

impl fmt::Debug for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cycle({self})")
    }
}
