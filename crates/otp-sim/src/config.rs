use std::time::Duration;

use crate::faults::Faults;
use crate::policy::Policy;

/// The configuration of simulated runs, apart from the seed, and of [`check`](crate::check).
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

/// Whether other threads may take part in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threads {
    /// The run fails: no seed decides what another thread does.
    #[default]
    Refused,
    /// The run waits for other threads when it has nothing else to do. Such a run cannot be repeated, and hangs at a
    /// deadlock.
    Awaited,
}

impl Config {
    /// Makes the default configuration: a random schedule, no faults, ten seeds.
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

    /// Sets how the next task to run is chosen; by default, [`Policy::Random`].
    pub fn policy(mut self, policy: Policy) -> Config {
        self.policy = policy;
        self
    }

    /// Sets the faults to inject; by default, none.
    pub fn faults(mut self, faults: Faults) -> Config {
        self.faults = faults;
        self
    }

    /// Sets whether other threads may take part; by default, [`Threads::Refused`].
    pub fn threads(mut self, threads: Threads) -> Config {
        self.threads = threads;
        self
    }

    /// Sets the shortest and longest latency from one host to another; the seed decides the latency of each piece of
    /// data. By default, 50 microseconds and a millisecond. Within a host the latency is at most the shortest one.
    pub fn latency(mut self, shortest: Duration, longest: Duration) -> Config {
        self.latency = (shortest, longest);
        self
    }

    /// Sets how many bytes of one direction of a connection may be written before they are read, at least one; then a
    /// write waits (backpressure). By default, 64 KiB.
    pub fn socket_buffer(mut self, bytes: usize) -> Config {
        self.socket_buffer = bytes.max(1);
        self
    }

    /// Sets how much virtual time a step takes, which is one poll of one task; by default, a microsecond. With zero, a
    /// task that polls the clock without sleeping never continues.
    pub fn step_time(mut self, time: Duration) -> Config {
        self.step_time = time;
        self
    }

    /// Sets how many steps a run may take; by default, a hundred million.
    pub fn step_limit(mut self, steps: u64) -> Config {
        self.step_limit = steps;
        self
    }

    /// Sets how many steps a run may take without ever being idle, which means that all tasks wait; by default, a
    /// million.
    pub fn busy_limit(mut self, steps: u64) -> Config {
        self.busy_limit = steps;
        self
    }

    /// Makes a run fail that leaves processes, timers, names or sockets behind, after its main function has returned
    /// and all tasks are idle.
    pub fn no_leaks(mut self) -> Config {
        self.leaks = true;
        self
    }

    /// Sets how many seeds [`check`](crate::check) tries, from the first one on. The environment variable
    /// `OTP_SIM_SEEDS` overrides it.
    pub fn seeds(mut self, seeds: u64) -> Config {
        self.seeds = seeds;
        self
    }

    /// Sets the first seed that [`check`](crate::check) tries; by default, 1. The environment variable `OTP_SIM_FROM`
    /// overrides it.
    pub fn first_seed(mut self, seed: u64) -> Config {
        self.first_seed = seed;
        self
    }

    /// Sets how many runs [`check`](crate::check) may take to simplify the schedule of a failure; by default, a
    /// thousand. Zero switches the simplification off.
    pub fn shrink(mut self, runs: u32) -> Config {
        self.shrink = runs;
        self
    }

    /// Ignores the environment variables: for a test that depends on its seeds.
    pub fn ignore_environment(mut self) -> Config {
        self.environment = false;
        self
    }

    /// Sets how many of the last lines of the trace the report of a failure shows; by default, forty. The environment
    /// variable `OTP_SIM_TRACE` overrides it.
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
