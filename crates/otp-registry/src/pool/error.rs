use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{CallError, Callee};

/// The error of a checkout. The pool has kept or taken back the worker, if there was one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// No worker was free within the time limit.
    #[error(
        "no worker of {pool} was free within {after:?}: there are {workers} of at most {limit} workers, and {waiting} \
         borrowers wait"
    )]
    Timeout {
        /// The pool.
        pool: Callee,
        /// The time limit.
        after: Duration,
        /// How many workers there were.
        workers: usize,
        /// How many workers there may be, with overflow.
        limit: usize,
        /// How many borrowers waited, with this one; the length of the queue.
        waiting: usize,
    },
    /// All workers are borrowed, or none can be started because of a [pause](super::Pool::backoff), and the bounded queue
    /// of borrowers is full.
    #[error("{pool} is full: none of at most {limit} workers is free, and {waiting} of at most {queue} borrowers wait")]
    Full {
        /// The pool.
        pool: Callee,
        /// How many workers there may be, with overflow.
        limit: usize,
        /// The bound of the queue.
        queue: usize,
        /// How many borrowers wait.
        waiting: usize,
    },
    /// All workers are borrowed, or none can be started because of a [pause](super::Pool::backoff), and the borrower does
    /// not wait: see [`try_checkout`](super::PoolRef::try_checkout).
    #[error("{pool} is busy: none of at most {limit} workers is free, and {waiting} borrowers wait")]
    Busy {
        /// The pool.
        pool: Callee,
        /// How many workers there may be, with overflow.
        limit: usize,
        /// How many borrowers wait.
        waiting: usize,
    },
    /// The worker that was to be started for the borrower did not start.
    #[error("{pool} could not start a worker: {error}")]
    NotStarted {
        /// The pool.
        pool: Callee,
        /// Why the worker did not start.
        error: StartError,
    },
    /// The pool is about to end, and lends no more workers.
    #[error("{0} is stopping, and lends no more workers")]
    Stopping(Callee),
    /// There is no such pool, or it ended before it answered.
    #[error(transparent)]
    Call(#[from] CallError),
}
