//! What is refused.

use otp::System;
use otp::registry::PoolRef;
use otp::test::eventually;
use worker_pool::job::{Job, JobId, Status};
use worker_pool::service::{Limits, Refused};
use worker_pool::tree;

use crate::{ENDLESS, end, limits, start, status, submit};

#[otp::test]
async fn a_job_is_refused_while_too_many_are_not_finished(system: System) {
    let service = start(&system, Limits { open: 2, ..limits() }).await;
    submit(&service, ENDLESS).await;
    let short = submit(&service, Job::Sleep { ms: 50 }).await;
    assert_eq!(service.submit(ENDLESS).await, Err(Refused::Full { limit: 2 }));
    end(&system, &service, short).await;
    eventually(&system, async || service.submit(ENDLESS).await).await;
    assert_eq!(service.submit(ENDLESS).await, Err(Refused::Full { limit: 2 }));
    assert_eq!(service.counts().await.unwrap().accepted, 3, "what is refused is not counted");
}

#[otp::test]
async fn jobs_beyond_the_workers_wait(system: System) {
    let service = start(&system, Limits { workers: 1, ..limits() }).await;
    let first = submit(&service, ENDLESS).await;
    status(&system, &service, first, |status| *status == Status::Running { attempt: 1 }).await;
    let waits = submit(&service, Job::Flaky { failures: 0 }).await;
    let workers = PoolRef::named(&system, tree::WORKERS);
    eventually(&system, async || workers.status().await.unwrap().waiting == 1).await;
    assert_eq!(service.status(waits).await, Ok(Some(Status::Waiting)));
}

#[otp::test]
async fn a_job_that_asks_for_too_much_is_refused(system: System) {
    let service = start(&system, limits()).await;
    let too_much = [
        Job::Primes { below: Job::MOST_NUMBERS + 1 },
        Job::Sleep { ms: Job::LONGEST_SLEEP + 1 },
        Job::Fail { reason: "x".repeat(Job::LONGEST_REASON + 1) },
    ];
    for job in too_much {
        assert!(matches!(service.submit(job).await, Err(Refused::Invalid(_))));
    }
    assert_eq!(service.counts().await.unwrap().accepted, 0);
}

#[otp::test]
async fn an_unknown_job_has_no_status(system: System) {
    let service = start(&system, limits()).await;
    assert_eq!(service.status(JobId(7)).await, Ok(None));
}
