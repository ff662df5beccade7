use std::time::Duration;

use otp::runtime::{Executor, NestedRun};
use otp::sim::SimExecutor;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;

use crate::language::Scenario;
use crate::run::{RunError, run};

/// An executor to run scenarios on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// tokio, with two worker threads.
    Tokio,
    /// tokio, on the calling thread.
    TokioCurrent,
    /// smol, with two worker threads.
    Smol,
    /// The simulator, with a seed.
    Sim(u64),
}

/// Why a scenario has no trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The run was given up.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The calling thread runs an executor already.
    #[error(transparent)]
    Nested(#[from] NestedRun),
}

impl Backend {
    /// Every backend.
    pub const ALL: [Backend; 4] = [Backend::Tokio, Backend::TokioCurrent, Backend::Smol, Backend::Sim(1)];

    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Tokio => "tokio",
            Backend::TokioCurrent => "tokio-current",
            Backend::Smol => "smol",
            Backend::Sim(_) => "sim",
        }
    }

    /// The backend of that name.
    pub fn named(name: &str) -> Option<Backend> {
        Backend::ALL.into_iter().find(|backend| backend.name() == name)
    }

    /// Runs a scenario on an executor of its own and returns the trace.
    ///
    /// # Errors
    ///
    /// [`TraceError`] if there is no complete trace.
    pub fn trace(self, scenario: &Scenario) -> Result<String, TraceError> {
        let executor: Box<dyn Executor> = match self {
            Backend::Tokio => Box::new(TokioExecutor::with_workers(2)),
            Backend::TokioCurrent => Box::new(TokioExecutor::current_thread()),
            Backend::Smol => Box::new(SmolExecutor::with_workers(2)),
            Backend::Sim(seed) => Box::new(SimExecutor::new(seed)),
        };
        Ok(otp::runtime::run(&*executor, Duration::ZERO, async |system| run(scenario, &system).await)?.output?)
    }
}
