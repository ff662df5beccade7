use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use otp::prelude::*;
use otp::sim::{Config, SimExecutor};
use sim_bank::{LEFT, Teller, payday};

/// Many runs of payday.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hunt {
    pub(crate) backend: Backend,
    pub(crate) policy: Policy,
    pub(crate) runs: u64,
    pub(crate) teller: Teller,
}

/// Where to run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Backend {
    Sim,
    Tokio,
    Smol,
}

/// How the simulator chooses who runs next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    Random,
    Pct,
}

/// A lost update needs one payment to be held up at one place; a run takes about forty steps.
const PCT: otp::sim::Policy = otp::sim::Policy::Pct { depth: 2, steps: 40 };

/// How the runs went.
#[derive(Debug)]
pub(crate) struct Outcome {
    hunt: Hunt,
    /// The runs that lost money.
    lost: Vec<u64>,
    took: Duration,
}

impl Hunt {
    /// Runs, and counts how often money was lost.
    pub(crate) fn run(self) -> Outcome {
        #[allow(clippy::disallowed_methods, reason = "it measures the machine, which has no virtual time")]
        let start = std::time::Instant::now();
        let lost = match self.backend {
            Backend::Sim => self.simulated(),
            Backend::Tokio => otp::tokio::run(async |system| self.on(&system).await),
            Backend::Smol => otp::smol::run(async |system| self.on(&system).await),
        };
        Outcome { hunt: self, lost, took: start.elapsed() }
    }

    /// All runs on the simulator, each with a seed of its own.
    fn simulated(self) -> Vec<u64> {
        let config = match self.policy {
            Policy::Random => Config::new(),
            Policy::Pct => Config::new().policy(PCT),
        };
        let loses = |seed: &u64| {
            let executor = SimExecutor::with(*seed, config.clone());
            executor.run(async |system| self.loses(&system).await).expect("no other executor runs on this thread")
        };
        (1..=self.runs).filter(loses).collect()
    }

    /// All runs on one executor, each with a system of its own.
    async fn on(self, system: &System) -> Vec<u64> {
        let mut lost = Vec::new();
        for run in 1..=self.runs {
            let own = System::on(system.runtime().clone());
            if self.loses(&own).await {
                lost.push(run);
            }
            own.shutdown(Duration::from_secs(5)).await;
        }
        lost
    }

    async fn loses(self, system: &System) -> bool {
        payday(system, self.teller).await.expect("every payment is made") != LEFT
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Backend, String> {
        match name {
            "sim" => Ok(Backend::Sim),
            "tokio" => Ok(Backend::Tokio),
            "smol" => Ok(Backend::Smol),
            _ => Err("use sim, tokio or smol".to_owned()),
        }
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(name: &str) -> Result<Policy, String> {
        match name {
            "random" => Ok(Policy::Random),
            "pct" => Ok(Policy::Pct),
            _ => Err("use random or pct".to_owned()),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { hunt: Hunt { backend, runs, .. }, lost, took } = self;
        let per_second = *runs as f64 / took.as_secs_f64();
        write!(f, "{backend:?}: money was lost in {} of {runs} runs", lost.len())?;
        if let Some(first) = lost.first() {
            let places = || lost.iter().copied();
            let gaps = std::iter::once(0).chain(places()).zip(places().chain([*runs])).map(|(one, next)| next - one);
            write!(f, ", first in run {first}, never more than {} runs apart", gaps.max().unwrap_or_default())?;
        }
        write!(f, "; {per_second:.0} runs a second")
    }
}
