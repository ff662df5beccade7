//! What clients may ask for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A job, as it stands in the body of a request: `{"kind":"primes","below":1000}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Job {
    /// Computes how many primes there are below a number.
    Primes {
        /// At most [`Job::MOST_NUMBERS`].
        below: u32,
    },
    /// Takes long.
    Sleep {
        /// Milliseconds, at most [`Job::LONGEST_SLEEP`].
        ms: u64,
    },
    /// Fails a number of times, and then succeeds.
    Flaky {
        /// How many attempts fail.
        failures: u32,
    },
    /// Fails always.
    Fail {
        /// What is wrong, in at most [`Job::LONGEST_REASON`] bytes.
        reason: String,
    },
    /// Has a bug: every worker that tries it panics.
    Crash {},
}

impl Job {
    /// The most numbers that a job may look at.
    pub const MOST_NUMBERS: u32 = 1_000_000;
    /// The longest sleep, in milliseconds.
    pub const LONGEST_SLEEP: u64 = 60_000;
    /// The longest reason, in bytes.
    pub const LONGEST_REASON: usize = 200;

    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// A text for the client.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Job::Primes { below } if *below > Self::MOST_NUMBERS => {
                Err(format!("`below` is at most {}", Self::MOST_NUMBERS))
            }
            Job::Sleep { ms } if *ms > Self::LONGEST_SLEEP => Err(format!("`ms` is at most {}", Self::LONGEST_SLEEP)),
            Job::Fail { reason } if reason.len() > Self::LONGEST_REASON => {
                Err(format!("`reason` has at most {} bytes", Self::LONGEST_REASON))
            }
            _ => Ok(()),
        }
    }
}

/// The number of a job that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    /// It was accepted, and waits for a worker.
    Waiting,
    /// A worker tries it.
    Running {
        /// The number of the attempt; the first is 1.
        attempt: u32,
    },
    /// An attempt has failed. Another one follows after a pause, when a worker is free.
    Retrying {
        /// How many attempts have failed.
        failed: u32,
        /// Why the last one did.
        reason: String,
    },
    /// It has succeeded.
    Done {
        /// What it has computed.
        result: u64,
    },
    /// It has failed for good.
    Dead(DeadLetter),
}

/// A job that has failed for good.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetter {
    /// What was to be done.
    pub job: Job,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub reason: String,
}
