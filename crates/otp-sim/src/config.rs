use std::time::Duration;

use crate::policy::Policy;

/// What a run is like, apart from its seed.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct Config {
    pub(crate) policy: Policy,
    pub(crate) threads: Threads,
    pub(crate) step_time: Duration,
    pub(crate) step_limit: u64,
    pub(crate) busy_limit: u64,
}

/// What becomes of a run that other threads take part in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threads {
    /// It fails: no seed decides what another thread does.
    #[default]
    Refused,
    /// It waits for them when it has nothing else to do. Such a run cannot be repeated, and a deadlock hangs it.
    Awaited,
}

impl Config {
    /// A random schedule, no faults.
    pub fn new() -> Config {
        Config {
            policy: Policy::Random,
            threads: Threads::Refused,
            step_time: Duration::from_micros(1),
            step_limit: 100_000_000,
            busy_limit: 1_000_000,
        }
    }

    /// How the next task to run is chosen; [`Policy::Random`] unless this is given.
    pub fn policy(mut self, policy: Policy) -> Config {
        self.policy = policy;
        self
    }

    /// Whether other threads may take part; [`Threads::Refused`] unless this is given.
    pub fn threads(mut self, threads: Threads) -> Config {
        self.threads = threads;
        self
    }

    /// How much virtual time a step takes, which is one poll of one task; a microsecond unless this is given. With
    /// zero, a task that waits for the time to pass without sleeping waits for ever.
    pub fn step_time(mut self, time: Duration) -> Config {
        self.step_time = time;
        self
    }

    /// How many steps a run may take; a hundred million unless this is given.
    pub fn step_limit(mut self, steps: u64) -> Config {
        self.step_limit = steps;
        self
    }

    /// How many steps a run may take without ever coming to a rest, at which all wait; a million unless this is given.
    pub fn busy_limit(mut self, steps: u64) -> Config {
        self.busy_limit = steps;
        self
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}
