use std::time::Duration;

use crate::faults::Faults;
use crate::policy::Policy;

/// What a run is like, apart from its seed; and how many seeds [`check`](crate::check) tries.
#[derive(Clone, Debug)]
#[must_use]
pub struct Config {
    pub(crate) policy: Policy,
    pub(crate) faults: Faults,
    pub(crate) threads: Threads,
    pub(crate) latency: (Duration, Duration),
    pub(crate) socket_buffer: usize,
    pub(crate) step_time: Duration,
    pub(crate) step_limit: u64,
    pub(crate) busy_limit: u64,
    pub(crate) leaks: bool,
    pub(crate) seeds: u64,
    pub(crate) first_seed: u64,
    pub(crate) shrink: u32,
    pub(crate) trace: usize,
    pub(crate) environment: bool,
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
    /// A random schedule, no faults; ten seeds.
    pub fn new() -> Config {
        Config {
            policy: Policy::Random,
            faults: Faults::none(),
            threads: Threads::Refused,
            latency: (Duration::from_micros(50), Duration::from_millis(1)),
            socket_buffer: 64 << 10,
            step_time: Duration::from_micros(1),
            step_limit: 100_000_000,
            busy_limit: 1_000_000,
            leaks: false,
            seeds: 10,
            first_seed: 1,
            shrink: 1_000,
            trace: 40,
            environment: true,
        }
    }

    /// How the next task to run is chosen; [`Policy::Random`] unless this is given.
    pub fn policy(mut self, policy: Policy) -> Config {
        self.policy = policy;
        self
    }

    /// What goes wrong on purpose; nothing unless this is given.
    pub fn faults(mut self, faults: Faults) -> Config {
        self.faults = faults;
        self
    }

    /// Whether other threads may take part; [`Threads::Refused`] unless this is given.
    pub fn threads(mut self, threads: Threads) -> Config {
        self.threads = threads;
        self
    }

    /// How long what is sent takes from one host to another, at least and at most, which the seed decides for each piece
    /// of it; 50 microseconds and a millisecond unless this is given. Within a host it takes at most as long as the
    /// shortest way to another one.
    pub fn latency(mut self, shortest: Duration, longest: Duration) -> Config {
        self.latency = (shortest, longest);
        self
    }

    /// How many bytes of one direction of a connection may be written before they are read, one at least: then a write
    /// waits. 64 KiB unless this is given.
    pub fn socket_buffer(mut self, bytes: usize) -> Config {
        self.socket_buffer = bytes.max(1);
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

    /// Whether a run fails that leaves processes, timers, names or sockets behind when its main function has returned and
    /// everything has come to a rest.
    pub fn no_leaks(mut self) -> Config {
        self.leaks = true;
        self
    }

    /// How many seeds [`check`](crate::check) tries, from the first one on. The environment variable `OTP_SIM_SEEDS`
    /// overrules it.
    pub fn seeds(mut self, seeds: u64) -> Config {
        self.seeds = seeds;
        self
    }

    /// The first seed that [`check`](crate::check) tries; 1 unless this is given. The environment variable
    /// `OTP_SIM_FROM` overrules it.
    pub fn first_seed(mut self, seed: u64) -> Config {
        self.first_seed = seed;
        self
    }

    /// How many runs [`check`](crate::check) may take to simplify the schedule of a failure; a thousand unless this is
    /// given, none with zero.
    pub fn shrink(mut self, runs: u32) -> Config {
        self.shrink = runs;
        self
    }

    /// Has the environment overrule nothing: for a test that counts on its seeds.
    pub fn ignore_environment(mut self) -> Config {
        self.environment = false;
        self
    }

    /// How many of the last steps the report of a failure shows; forty unless this is given.
    pub fn trace(mut self, lines: usize) -> Config {
        self.trace = lines;
        self
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}
