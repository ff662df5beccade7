use std::ops::Sub;

/// Counts what a mailbox with a [policy](super::MailboxPolicy) did not deliver, since its process was started: part of
/// [`ProcessInfo`](crate::ProcessInfo).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadFigures {
    /// Messages that came back to their senders, and calls that failed at once, because there was no room.
    pub refused: u64,
    /// Messages that were dropped because there was no room.
    pub dropped: u64,
    /// Messages that were dropped because they had waited for too long.
    pub too_old: u64,
    /// Messages that were replaced by later ones of the same key.
    pub coalesced: u64,
    /// Calls that were skipped because their callers had given up.
    pub expired: u64,
}

impl LoadFigures {
    /// The number of messages that were refused or lost because there were too many: all but those that were
    /// [coalesced](LoadFigures::coalesced) or had [expired](LoadFigures::expired).
    pub fn shed(&self) -> u64 {
        self.refused + self.dropped + self.too_old
    }
}

/// What was counted between two times.
impl Sub for LoadFigures {
    type Output = LoadFigures;

    fn sub(self, before: LoadFigures) -> LoadFigures {
        LoadFigures {
            refused: self.refused - before.refused,
            dropped: self.dropped - before.dropped,
            too_old: self.too_old - before.too_old,
            coalesced: self.coalesced - before.coalesced,
            expired: self.expired - before.expired,
        }
    }
}
