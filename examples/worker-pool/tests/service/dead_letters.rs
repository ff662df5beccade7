//! Jobs that fail for good.

use otp::System;
use worker_pool::job::{DeadLetter, Job, JobId, Status};
use worker_pool::service::Limits;

use crate::{LONG, end, limits, start, submit};

fn fail(reason: &str) -> Job {
    Job::Fail { reason: reason.to_owned() }
}

#[otp::test]
async fn a_job_that_always_fails_is_a_dead_letter_with_its_last_reason(system: System) {
    let service = start(&system, limits()).await;
    let id = submit(&service, fail("no paper")).await;
    let letter = DeadLetter { job: fail("no paper"), attempts: 3, reason: "no paper".to_owned() };
    assert_eq!(end(&system, &service, id).await, Status::Dead(letter.clone()));
    let letters = service.dead_letters().await.unwrap();
    assert_eq!(letters.iter().map(|(id, letter)| (*id, &**letter)).collect::<Vec<_>>(), [(id, &letter)]);
}

#[otp::test]
async fn a_job_that_crashes_every_worker_is_a_dead_letter_and_others_are_done(system: System) {
    system.log_crashes(false);
    let service = start(&system, Limits { workers: 1, ..limits() }).await;
    let bad = submit(&service, Job::Crash {}).await;
    let good = submit(&service, Job::Sleep { ms: 1 }).await;
    let Status::Dead(letter) = end(&system, &service, bad).await else { panic!("it cannot be done") };
    assert_eq!(letter.attempts, 3);
    assert!(letter.reason.contains("the job has a bug"), "{}", letter.reason);
    assert_eq!(end(&system, &service, good).await, Status::Done { result: 1 });
}

#[otp::test]
async fn the_oldest_dead_letters_and_results_make_room(system: System) {
    let service = start(&system, Limits { kept: 2, ..limits() }).await;
    for n in 1..=4 {
        let dead = submit(&service, fail(&n.to_string())).await;
        end(&system, &service, dead).await;
        let done = submit(&service, Job::Flaky { failures: 0 }).await;
        end(&system, &service, done).await;
    }
    // Those that were kept in the index until now have left it.
    service.drain(LONG).await;
    let report = service.report().await.unwrap();
    assert_eq!(report.dead.into_keys().collect::<Vec<_>>(), [JobId(5), JobId(7)]);
    assert_eq!(report.done.into_keys().collect::<Vec<_>>(), [JobId(6), JobId(8)]);
    assert_eq!((report.counts.accepted, report.counts.dead, report.counts.done), (8, 4, 4));
    assert_eq!(service.status(JobId(1)).await, Ok(None), "forgotten");
}
