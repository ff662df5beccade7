use std::fmt;

use otp_core::{Label, Pid};

/// The error of using a table that has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table} is gone: {how}")]
#[non_exhaustive]
pub struct Gone {
    /// The name of the table, or `table` with a number.
    pub table: Label,
    /// How it ended.
    pub how: Ending,
}

/// How a table ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// Its owner has ended, and it had no heir that was alive.
    OwnerEnded(Pid),
    /// It was deleted.
    Deleted,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::OwnerEnded(owner) => write!(f, "its owner {owner} has ended"),
            Ending::Deleted => f.write_str("it was deleted"),
        }
    }
}
