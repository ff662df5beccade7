//! All that the outside can do with the service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use otp::prelude::*;
use otp::registry::{PoolRef, Registry};
use otp::task::{Retry, TaskSupervisorRef};
use serde::Serialize;

use crate::job::{DeadLetter, Job, JobId, Status};
use crate::ledger::{Counts, Ledger, LedgerClient};
use crate::shelf::{Shelf, ShelfClient};
use crate::tree;
use crate::worker::Worker;

/// The bounds of a service.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many workers there are.
    pub workers: usize,
    /// How many jobs may be accepted and not finished.
    pub open: usize,
    /// How many results, and how many dead letters, are kept.
    pub kept: usize,
    /// How long an attempt may take.
    pub attempt: Duration,
    /// How often a job is tried, with which pauses.
    pub retry: Retry,
}

impl Default for Limits {
    fn default() -> Self {
        let retry = Retry::new().attempts(4).first_pause(Duration::from_millis(100)).jitter();
        Limits { workers: 4, open: 256, kept: 1000, attempt: Duration::from_secs(30), retry }
    }
}

/// Where the parts are found: by name, so that this holds through every restart.
#[derive(Clone, Debug)]
pub struct Service {
    pub(crate) system: System,
    pub(crate) limits: Limits,
    /// Outlives the ledger: no number is given twice.
    pub(crate) last_id: Arc<AtomicU64>,
    pub(crate) ledger: ServerRef<Ledger>,
    pub(crate) results: ServerRef<Shelf<u64>>,
    pub(crate) dead_letters: ServerRef<Shelf<DeadLetter>>,
    pub(crate) workers: PoolRef<ServerRef<Worker>>,
    pub(crate) index: Index,
    pub(crate) tasks: TaskSupervisorRef,
}

/// The processes of jobs, by the numbers of the jobs, each with how far it is.
pub type Index = Registry<JobId, NoMessage, Status>;

impl Service {
    /// The service of this system. It works once its [tree](Service::tree) is started.
    #[must_use]
    pub fn new(system: &System, limits: Limits) -> Self {
        Service {
            system: system.clone(),
            limits,
            last_id: Arc::default(),
            ledger: ServerRef::named(system, tree::LEDGER),
            results: ServerRef::named(system, tree::RESULTS),
            dead_letters: ServerRef::named(system, tree::DEAD_LETTERS),
            workers: PoolRef::named(system, tree::WORKERS),
            index: Registry::named(system, tree::INDEX),
            tasks: TaskSupervisorRef::named(system, tree::TASKS),
        }
    }

    /// Accepts a job: it is done, even if parts of the service crash.
    ///
    /// # Errors
    ///
    /// [`Refused`]; the job is not done, unless the ledger crashed while it accepted the job.
    pub async fn submit(&self, job: Job) -> Result<JobId, Refused> {
        job.check().map_err(Refused::Invalid)?;
        self.ledger.submit(job).through_restart(Self::PATIENCE).await?
    }

    /// How far a job is; `None` if there is no such job, or it is forgotten.
    ///
    /// A job goes from the index and the ledger to a shelf, and is on the shelf before it leaves the other two: asked in
    /// this order, it cannot slip through.
    ///
    /// # Errors
    ///
    /// If a part does not come back in time.
    pub async fn status(&self, id: JobId) -> Result<Option<Status>, CallError> {
        if let Some(entry) = self.index.lookup(&id) {
            return Ok(Some(entry.value().clone()));
        }
        if self.ledger.is_open(id).through_restart(Self::PATIENCE).await? {
            return Ok(Some(Status::Waiting));
        }
        if let Some(result) = self.results.find(id).through_restart(Self::PATIENCE).await? {
            return Ok(Some(Status::Done { result: *result }));
        }
        let letter = self.dead_letters.find(id).through_restart(Self::PATIENCE).await?;
        Ok(letter.map(|letter| Status::Dead(DeadLetter::clone(&letter))))
    }

    /// The last jobs that have failed for good, the oldest first.
    ///
    /// # Errors
    ///
    /// If they do not come back in time.
    pub async fn dead_letters(&self) -> Result<BTreeMap<JobId, Arc<DeadLetter>>, CallError> {
        Ok(self.dead_letters.all().through_restart(Self::PATIENCE).await?.into_iter().collect())
    }

    /// How many jobs there were.
    ///
    /// # Errors
    ///
    /// If the ledger does not come back in time.
    pub async fn counts(&self) -> Result<Counts, CallError> {
        Ok(self.ledger.summary().through_restart(Self::PATIENCE).await?.0)
    }

    /// Takes no more jobs, and waits until all that were taken are finished, or `limit` is over.
    pub async fn drain(&self, limit: Duration) {
        let drained = async {
            // A ledger that crashes meanwhile is asked again.
            while self.ledger.drain().no_timeout().await.is_err() {
                self.system.sleep(Duration::from_millis(10)).await;
            }
        };
        if self.system.timeout(limit, drained).await.is_err() {
            tracing::warn!(?limit, "jobs are left");
        }
    }

    /// What became of the jobs.
    ///
    /// # Errors
    ///
    /// If a part does not come back in time.
    pub async fn report(&self) -> Result<Report, CallError> {
        let (counts, open) = self.ledger.summary().through_restart(Self::PATIENCE).await?;
        let results = self.results.all().through_restart(Self::PATIENCE).await?;
        Ok(Report {
            counts,
            done: results.into_iter().map(|(id, result)| (id, *result)).collect(),
            dead: self.dead_letters().await?,
            left: open.into_iter().map(|(id, open)| (id, open.job)).collect(),
        })
    }

    /// How long a part that is being restarted is waited for.
    const PATIENCE: Duration = Duration::from_secs(2);
}

/// What became of the jobs: how many there were, how the last ones ended, and which are not finished.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many there were.
    #[serde(flatten)]
    pub counts: Counts,
    /// The results that are still known.
    #[serde(rename = "results")]
    pub done: BTreeMap<JobId, u64>,
    /// The dead letters that are still known.
    #[serde(rename = "dead_letters")]
    pub dead: BTreeMap<JobId, Arc<DeadLetter>>,
    /// Jobs that were accepted and are not finished.
    pub left: BTreeMap<JobId, Arc<Job>>,
}

/// Why a job was not accepted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The client asks for too much.
    #[error("{0}")]
    Invalid(String),
    /// Too many jobs are not finished. It helps to ask later.
    #[error("there are {limit} unfinished jobs already")]
    Full {
        /// How many there may be.
        limit: usize,
    },
    /// The program is about to end.
    #[error("the service is about to stop")]
    Draining,
    /// The ledger has crashed, and was not back in time.
    #[error("the service is not available: {0}")]
    Unavailable(#[from] CallError),
}
