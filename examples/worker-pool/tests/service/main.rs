//! The service without its shell, on every backend and in the simulator, where the pauses take no time.

mod bounds;
mod crashes;
mod dead_letters;
mod drain;
mod retries;

use std::time::Duration;

use otp::System;
use otp::task::Retry;
use otp::test::eventually;
use worker_pool::job::{Job, JobId, Status};
use worker_pool::service::{Limits, Service};
use worker_pool::tree;

/// The first pause of [`limits`]; the second one is twice as long.
const PAUSE: Duration = Duration::from_millis(20);

/// Far more than any test needs, on any backend.
const LONG: Duration = Duration::from_secs(60);

/// A job that is not finished before a test is.
const ENDLESS: Job = Job::Sleep { ms: Job::LONGEST_SLEEP };

/// Two workers, and three attempts.
fn limits() -> Limits {
    let retry = Retry::new().attempts(3).first_pause(PAUSE);
    Limits { workers: 2, open: 10, kept: 10, attempt: LONG, retry }
}

async fn start(system: &System, limits: Limits) -> Service {
    let service = Service::new(system, limits);
    service.tree().start(system).name(tree::ROOT).await.unwrap();
    service
}

/// Submits a job, which is accepted.
async fn submit(service: &Service, job: Job) -> JobId {
    service.submit(job).await.unwrap()
}

/// Waits until a job has the status that is looked for.
async fn status(system: &System, service: &Service, id: JobId, wanted: impl Fn(&Status) -> bool + Sync) -> Status {
    let wanted = &wanted;
    let look = async || service.status(id).await.unwrap().filter(wanted);
    eventually(system, look).within(LONG).await
}

/// Waits until a job has ended.
async fn end(system: &System, service: &Service, id: JobId) -> Status {
    status(system, service, id, |status| matches!(status, Status::Done { .. } | Status::Dead(_))).await
}
