//! The process of one job.

use std::sync::Arc;
use std::time::Duration;

use otp::prelude::*;
use otp::registry::RegisterError;
use otp::registry::pool::CheckoutError;
use otp::task::{Retry, TaskSpec};

use crate::job::{DeadLetter, Job, JobId, Status};
use crate::ledger::{LedgerClient, Open};
use crate::service::Service;
use crate::shelf::ShelfClient;
use crate::worker::WorkerClient;

/// How many processes may end before a job is finished, other than by a failed attempt, until the job gets the blame.
const MOST_STARTS: u32 = 3;

/// The task of a job. It is started again if it crashes, and forgotten when it is through.
pub(crate) fn spec(service: Service, id: JobId) -> TaskSpec {
    TaskSpec::new(move || run(service.clone(), id)).label(format!("job-{id}")).restart(Restart::Transient)
}

/// Takes a job from the ledger to one of the shelves.
///
/// Each step may be done twice, because the process may be killed after any of them and begin anew: a job is done *at
/// least* once. The order matters: the end of a job is on its shelf before the ledger strikes the job off.
async fn run(service: Service, id: JobId) {
    let process = Process::current().expect("a task is a process");
    while let Err(RegisterError::Taken { holder, .. }) = service.index.register(&process, id, Status::Waiting) {
        // Another process has the job. It may be about to die, with the supervisor that would have started it again.
        service.system.exited(holder).await;
    }
    let Some(open) = insist(&service.system, || service.ledger.begin(id)).await else {
        // The other process has finished it.
        return;
    };
    let end = match open {
        Open { job, starts } if starts > MOST_STARTS => {
            let reason = format!("its process ended {MOST_STARTS} times before the job did");
            Err(DeadLetter { job: Job::clone(&job), attempts: 0, reason })
        }
        Open { job, .. } => Run { service: &service, process, id, job }.to_its_end().await,
    };
    let is_done = end.is_ok();
    match end.map(Arc::new).map_err(Arc::new) {
        Ok(result) => insist(&service.system, || service.results.put(id, result.clone())).await,
        Err(letter) => insist(&service.system, || service.dead_letters.put(id, letter.clone())).await,
    }
    insist(&service.system, || service.ledger.settle(id, is_done)).await;
}

struct Run<'a> {
    service: &'a Service,
    process: Process,
    id: JobId,
    job: Arc<Job>,
}

impl Run<'_> {
    /// Tries until an attempt succeeds, or too many have failed.
    async fn to_its_end(&self) -> Result<u64, DeadLetter> {
        let mut attempts = 0;
        let tries = self.service.limits.retry.run(&self.service.system, || {
            attempts += 1;
            self.attempt(attempts)
        });
        let result = tries.await;
        result.map_err(|error| DeadLetter { job: Job::clone(&self.job), attempts, reason: error.to_string() })
    }

    /// Tries once. The worker is back in the pool in the pauses between attempts.
    async fn attempt(&self, attempt: u32) -> Result<u64, AttemptError> {
        let result = self.borrow_and_perform(attempt).await;
        if let Err(error) = &result {
            self.show(Status::Retrying { failed: attempt, reason: error.to_string() });
        }
        result
    }

    async fn borrow_and_perform(&self, attempt: u32) -> Result<u64, AttemptError> {
        let worker = self.service.workers.checkout().no_timeout().await?;
        self.show(Status::Running { attempt });
        let limit = self.service.limits.attempt;
        let answer = worker.perform(self.job.clone(), attempt).timeout(limit).await;
        if let Err(CallError::Timeout { .. }) = answer {
            // It is still at it: nobody else should have to wait for that.
            worker.discard();
            return Err(AttemptError::TooLong(limit));
        }
        answer?.map_err(AttemptError::Failed)
    }

    /// Lets those who ask for the job see how far it is.
    fn show(&self, status: Status) {
        // Without the index, there is nobody to see it.
        let _ = self.service.index.update_value(&self.process, &self.id, |_| status.clone());
    }
}

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
enum AttemptError {
    #[error("{0}")]
    Failed(String),
    #[error("it took longer than {0:?}")]
    TooLong(Duration),
    #[error(transparent)]
    NoWorker(#[from] CheckoutError),
    /// The worker crashed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Asks until there is an answer: a server that crashes is back in a moment, and what is asked may be asked twice.
async fn insist<T, F: Future<Output = Result<T, CallError>>>(system: &System, ask: impl FnMut() -> F) -> T {
    let patient = Retry::new().attempts(usize::MAX).first_pause(Duration::from_millis(5));
    let answer = patient.longest_pause(Duration::from_secs(1)).run(system, ask).await;
    answer.expect("there is always another attempt")
}
