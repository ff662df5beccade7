use crate::Instant;

/// Why a run came to no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Every task waits, and no timer is armed that could wake one.
    #[error("deadlock at {at:?}: every task waits, and no timer is armed{waiting}")]
    Deadlock {
        /// When.
        at: Instant,
        /// Who waits for what.
        waiting: String,
    },
    /// The run did not come to an end, or to a rest, within its limit of steps.
    #[error("livelock: {steps} steps {limit}")]
    Livelock {
        /// How many steps there were.
        steps: u64,
        /// Which limit it was.
        limit: &'static str,
    },
    /// Another thread took part in the run.
    #[error("{what} of a simulated run: no seed decides when; sockets, real timers and threads are not simulated")]
    Thread {
        /// Which one, and what it did.
        what: String,
    },
}
