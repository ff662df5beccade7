//! Parts are killed, and no accepted job is lost.

use otp::prelude::*;
use otp::process::ProcessInfo;
use otp::registry::{PoolRef, Registry};
use otp::sim::{Faults, set_faults};
use worker_pool::job::{Job, JobId, Status};
use worker_pool::service::{Limits, Service};
use worker_pool::tree;

use crate::{ENDLESS, LONG, end, limits, start, status, submit};

/// Kills a process, and waits until it has ended.
async fn kill(system: &System, pid: Option<Pid>) {
    let pid = pid.expect("it runs");
    system.exit(pid, ExitReason::Kill);
    system.exited(pid).await;
}

/// The process of a job, which a worker has.
async fn runs(system: &System, service: &Service, id: JobId) -> Pid {
    status(system, service, id, |status| matches!(status, Status::Running { .. })).await;
    Registry::named(system, tree::INDEX).lookup(&id).expect("it runs").pid()
}

/// A service with a job that is done, a dead letter, and a job that is being done.
async fn at_work(system: &System) -> (Service, [JobId; 3]) {
    system.log_crashes(false);
    let service = start(system, limits()).await;
    let done = submit(&service, Job::Flaky { failures: 0 }).await;
    let dead = submit(&service, Job::Fail { reason: "no".to_owned() }).await;
    end(system, &service, done).await;
    end(system, &service, dead).await;
    let runs_now = submit(&service, Job::Sleep { ms: 100 }).await;
    runs(system, &service, runs_now).await;
    (service, [done, dead, runs_now])
}

/// What is known of the jobs of [`at_work`] once they have ended: all of it.
async fn nothing_is_lost(service: &Service, [done, dead, ran]: [JobId; 3]) {
    service.drain(LONG).await;
    let report = service.report().await.unwrap();
    assert_eq!(report.done.into_iter().collect::<Vec<_>>(), [(done, 0), (ran, 100)]);
    assert_eq!(report.dead.into_keys().collect::<Vec<_>>(), [dead]);
    assert_eq!((report.counts.accepted, report.counts.done, report.counts.dead), (3, 2, 1));
}

#[otp::test]
async fn dead_letters_and_results_outlive_a_crash_of_their_shelves(system: System) {
    let (service, jobs) = at_work(&system).await;
    kill(&system, ServerRef::named(&system, tree::DEAD_LETTERS).pid()).await;
    kill(&system, ServerRef::named(&system, tree::RESULTS).pid()).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn a_fourth_crash_in_a_row_costs_the_dead_letters_and_nothing_else(system: System) {
    let (service, [done, dead, runs]) = at_work(&system).await;
    let store = ServerRef::named(&system, tree::DEAD_LETTERS);
    for _ in 0..4 {
        let holder = store.await_holder().await.unwrap();
        kill(&system, holder.pid()).await;
    }
    service.drain(LONG).await;
    assert_eq!(service.status(dead).await, Ok(None), "what it was handed may be what it dies of");
    let report = service.report().await.unwrap();
    assert_eq!(report.done.into_keys().collect::<Vec<_>>(), [done, runs]);
    assert_eq!(report.counts.dead, 1, "it was counted");
}

#[otp::test]
async fn the_ledger_that_follows_knows_what_was_accepted(system: System) {
    let (service, jobs) = at_work(&system).await;
    kill(&system, ServerRef::named(&system, tree::LEDGER).pid()).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn without_their_supervisor_all_jobs_are_started_again(system: System) {
    let (service, jobs) = at_work(&system).await;
    kill(&system, SupervisorRef::named(&system, tree::TASKS).pid()).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn without_their_index_all_jobs_are_started_again(system: System) {
    let (service, jobs) = at_work(&system).await;
    kill(&system, Registry::named(&system, tree::INDEX).pid()).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn without_the_pool_an_attempt_fails_and_another_one_follows(system: System) {
    let (service, jobs) = at_work(&system).await;
    kill(&system, PoolRef::named(&system, tree::WORKERS).pid()).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn a_job_whose_process_is_killed_begins_anew(system: System) {
    let (service, jobs) = at_work(&system).await;
    let process = runs(&system, &service, jobs[2]).await;
    kill(&system, Some(process)).await;
    nothing_is_lost(&service, jobs).await;
}

#[otp::test]
async fn a_job_whose_processes_keep_ending_is_a_dead_letter(system: System) {
    system.log_crashes(false);
    let service = start(&system, limits()).await;
    let id = submit(&service, ENDLESS).await;
    for _ in 0..3 {
        let process = runs(&system, &service, id).await;
        kill(&system, Some(process)).await;
    }
    let Status::Dead(letter) = end(&system, &service, id).await else { panic!("it cannot be done") };
    assert_eq!(letter.reason, "its process ended 3 times before the job did");
}

/// Three kills are what a hand-over survives for certain, whomever they hit. Only the root is spared.
fn three_die() -> Faults {
    let is_below_the_root =
        |process: &ProcessInfo| process.name.as_ref().is_none_or(|name| name != &"worker-pool".into());
    Faults::none().kill(60).kill_after_handling(60).at_most(3).only(is_below_the_root)
}

#[otp::test(seeds = 300, faults = three_die())]
async fn every_accepted_job_ends_whoever_is_killed(system: System) {
    set_faults(false);
    system.log_crashes(false);
    let service = start(&system, Limits { open: 4, ..limits() }).await;
    set_faults(true);
    let jobs = [Job::Flaky { failures: 1 }, Job::Sleep { ms: 30 }, Job::Fail { reason: "no".into() }, Job::Crash {}];
    let mut accepted = Vec::new();
    for job in jobs {
        accepted.extend(service.submit(job).await.ok());
    }
    service.drain(LONG).await;
    set_faults(false);

    let report = service.report().await.unwrap();
    assert!(report.left.is_empty(), "{:?}", report.left);
    for id in accepted {
        assert!(report.done.contains_key(&id) || report.dead.contains_key(&id), "{id} is lost: {report:?}");
    }
    assert_eq!(report.counts.accepted, report.counts.done + report.counts.dead);
}
