//! The stop.

use futures::future::join;
use otp::System;
use otp::test::eventually;
use worker_pool::job::{Job, JobId};
use worker_pool::service::{Limits, Refused};

use crate::{ENDLESS, LONG, PAUSE, limits, start, submit};

#[otp::test]
async fn all_that_was_taken_is_finished_and_nothing_more_is_taken(system: System) {
    let service = start(&system, Limits { workers: 1, ..limits() }).await;
    submit(&service, Job::Sleep { ms: 20 }).await;
    submit(&service, Job::Flaky { failures: 2 }).await;
    submit(&service, Job::Fail { reason: "no".to_owned() }).await;
    submit(&service, Job::Primes { below: 100 }).await;
    // Until the ledger has heard of the drain, it still takes jobs.
    let refused = async || service.submit(Job::Sleep { ms: 0 }).await.err().filter(|why| *why == Refused::Draining);
    join(service.drain(LONG), eventually(&system, refused).into_future()).await;

    let report = service.report().await.unwrap();
    assert!(report.left.is_empty(), "{:?}", report.left);
    assert_eq!((report.done[&JobId(1)], report.done[&JobId(2)], report.done[&JobId(4)]), (20, 2, 25));
    assert_eq!(report.dead.keys().collect::<Vec<_>>(), [&JobId(3)]);
    assert_eq!(report.counts.accepted, report.counts.done + report.counts.dead);
}

#[otp::test]
async fn what_is_not_finished_in_time_is_reported(system: System) {
    let service = start(&system, limits()).await;
    let done = submit(&service, Job::Sleep { ms: 0 }).await;
    let left = submit(&service, ENDLESS).await;
    crate::end(&system, &service, done).await;
    let before = system.now();
    service.drain(PAUSE).await;
    assert!(system.now() - before >= PAUSE);
    let report = service.report().await.unwrap();
    assert_eq!(report.left.iter().map(|(id, job)| (*id, &**job)).collect::<Vec<_>>(), [(left, &ENDLESS)]);
    assert_eq!(report.done.into_keys().collect::<Vec<_>>(), [done]);
}

#[otp::test]
async fn a_service_without_jobs_is_drained_at_once(system: System) {
    let service = start(&system, limits()).await;
    service.drain(LONG).await;
    assert_eq!(service.submit(ENDLESS).await, Err(Refused::Draining));
}
