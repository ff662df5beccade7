//! Reads the wall clock: the one place where this program does.

use std::time::SystemTime;

use crate::shard::Timestamp;

/// The time now.
///
/// The library has a clock of its own, which a restart sets back to zero; when a key expires must mean the same
/// afterwards.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "a time to live follows the wall clock")]
pub fn now() -> Timestamp {
    SystemTime::now().into()
}
