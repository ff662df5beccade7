use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use otp::prelude::*;
use sim_bank::{CLOSING, Teller, payday};

/// Many runs of payday.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hunt {
    pub(crate) backend: Backend,
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

/// How the runs went.
#[derive(Debug)]
pub(crate) struct Outcome {
    hunt: Hunt,
    lost: u64,
    /// The first run that lost money.
    first: Option<u64>,
    took: Duration,
}

impl Hunt {
    /// Runs, and counts how often money was lost.
    pub(crate) fn run(self) -> Outcome {
        #[allow(clippy::disallowed_methods, reason = "it measures the machine, which has no virtual time")]
        let start = std::time::Instant::now();
        let (lost, first) = match self.backend {
            Backend::Sim => count(0..self.runs, |seed| otp::sim::run(seed, async |system| self.loses(&system).await)),
            Backend::Tokio => otp::tokio::run(async |system| self.on(&system).await),
            Backend::Smol => otp::smol::run(async |system| self.on(&system).await),
        };
        Outcome { hunt: self, lost, first, took: start.elapsed() }
    }

    /// All runs on one executor, each with a system of its own.
    async fn on(self, system: &System) -> (u64, Option<u64>) {
        let mut lost = Vec::new();
        for run in 0..self.runs {
            let own = System::on(system.runtime().clone());
            if self.loses(&own).await {
                lost.push(run);
            }
            own.shutdown(Duration::from_secs(5)).await;
        }
        (lost.len() as u64, lost.first().copied())
    }

    async fn loses(self, system: &System) -> bool {
        payday(system, self.teller).await.expect("every payment is made") != CLOSING
    }
}

fn count(seeds: std::ops::Range<u64>, loses: impl Fn(u64) -> bool) -> (u64, Option<u64>) {
    let lost: Vec<_> = seeds.filter(|seed| loses(*seed)).collect();
    (lost.len() as u64, lost.first().copied())
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

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { hunt: Hunt { backend, runs, .. }, lost, first, took } = self;
        let per_second = *runs as f64 / took.as_secs_f64();
        write!(f, "{backend:?}: money was lost in {lost} of {runs} runs")?;
        if let Some(first) = first {
            write!(f, ", first in run {first}")?;
        }
        write!(f, "; {per_second:.0} runs a second")
    }
}
