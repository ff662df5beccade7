//! Jobs that fail, and are tried again.

use std::time::Duration;

use otp::System;
use worker_pool::job::{Job, Status};
use worker_pool::service::Limits;

use crate::{ENDLESS, LONG, PAUSE, end, limits, start, status, submit};

#[otp::test]
async fn a_job_that_computes_is_done(system: System) {
    let service = start(&system, limits()).await;
    let id = submit(&service, Job::Primes { below: 1000 }).await;
    assert_eq!(end(&system, &service, id).await, Status::Done { result: 168 });
}

#[otp::test]
async fn a_job_that_fails_twice_is_done_after_two_pauses_that_grow(system: System) {
    let service = start(&system, limits()).await;
    let before = system.now();
    let id = submit(&service, Job::Flaky { failures: 2 }).await;
    assert_eq!(end(&system, &service, id).await, Status::Done { result: 2 });
    assert!(system.now() - before >= 3 * PAUSE);
}

#[otp::test(backends = [sim])]
async fn in_virtual_time_nothing_but_the_pauses_takes_long(system: System) {
    const HOUR: Duration = Duration::from_secs(3600);
    let retry = limits().retry.first_pause(HOUR).longest_pause(24 * HOUR);
    let service = start(&system, Limits { retry, ..limits() }).await;
    let before = system.now();
    submit(&service, Job::Flaky { failures: 2 }).await;
    service.drain(24 * HOUR).await;
    let took = system.now() - before;
    assert!((3 * HOUR..3 * HOUR + Duration::from_secs(1)).contains(&took), "{took:?}");
    assert_eq!(service.counts().await.unwrap().done, 1);
}

#[otp::test]
async fn whoever_asks_is_told_that_a_job_waits_for_another_attempt_and_why(system: System) {
    let retry = limits().retry.first_pause(LONG);
    let service = start(&system, Limits { retry, ..limits() }).await;
    let id = submit(&service, Job::Flaky { failures: 1 }).await;
    let waits = status(&system, &service, id, |status| matches!(status, Status::Retrying { .. })).await;
    assert_eq!(waits, Status::Retrying { failed: 1, reason: "attempt 1 fails".to_owned() });
}

#[otp::test]
async fn a_job_that_pauses_keeps_no_worker(system: System) {
    let retry = limits().retry.first_pause(LONG);
    let service = start(&system, Limits { workers: 1, retry, ..limits() }).await;
    let failed = submit(&service, Job::Flaky { failures: 1 }).await;
    status(&system, &service, failed, |status| matches!(status, Status::Retrying { .. })).await;
    let other = submit(&service, Job::Sleep { ms: 1 }).await;
    assert_eq!(end(&system, &service, other).await, Status::Done { result: 1 });
}

#[otp::test]
async fn an_attempt_that_takes_too_long_fails_and_its_worker_is_replaced(system: System) {
    let service = start(&system, Limits { workers: 1, attempt: PAUSE, ..limits() }).await;
    let slow = submit(&service, ENDLESS).await;
    let Status::Dead(letter) = end(&system, &service, slow).await else { panic!("it cannot be done") };
    assert_eq!((letter.attempts, &*letter.reason), (3, "it took longer than 20ms"));
    // The only worker would be asleep.
    let other = submit(&service, Job::Flaky { failures: 0 }).await;
    assert_eq!(end(&system, &service, other).await, Status::Done { result: 0 });
}
