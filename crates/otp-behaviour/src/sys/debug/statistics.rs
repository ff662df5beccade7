use std::time::Duration;

use otp_core::behaviour::{Act, Ask};
use otp_core::runtime::Instant;
use otp_core::{System, Target};

use super::tracer::debug;
use crate::sys::error::SysError;

/// How much a server has done since [`keep_statistics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// For how long it has been counted.
    pub time: Duration,
    /// The messages, signals and timeouts that it has handled, without system requests; of a state machine also the events
    /// that it has inserted. A `handle_continue` is none, and a postponed event counts once.
    pub messages_in: u64,
    /// The calls that it has answered itself, while it handled a message. In OTP, an answer by `gen_server:reply/2` does
    /// not count.
    pub messages_out: u64,
}

/// The counters of a server.
pub(super) struct Counts {
    since: Instant,
    messages_in: u64,
    messages_out: u64,
}

impl Counts {
    pub(super) fn count(&mut self, act: &Act<'_>) {
        match act {
            Act::Handles(_) => self.messages_in += 1,
            Act::Replies(_) => self.messages_out += 1,
            _ => {}
        }
    }
}

/// Has a server count what it does, from now on, or no longer; OTP's `sys:statistics/2`. One that counts already goes on.
///
/// # Errors
///
/// See [`SysError`].
pub fn keep_statistics(system: &System, server: impl Into<Target>, on: bool) -> Ask<(), SysError> {
    debug(system, server, "keep_statistics", move |debugging, process| {
        let counts = || Counts { since: process.system().now(), messages_in: 0, messages_out: 0 };
        debugging.counts = on.then(|| debugging.counts.take().unwrap_or_else(counts));
    })
}

/// Returns what a server has counted; `None` if it does not count.
///
/// # Errors
///
/// See [`SysError`].
pub fn statistics(system: &System, server: impl Into<Target>) -> Ask<Option<Statistics>, SysError> {
    debug(system, server, "statistics", |debugging, process| {
        let counts = debugging.counts.as_ref()?;
        let Counts { since, messages_in, messages_out } = *counts;
        Some(Statistics { time: process.system().now() - since, messages_in, messages_out })
    })
}
