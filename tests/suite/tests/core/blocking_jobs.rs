//! Blocking jobs.

use futures::channel::oneshot;
use otp::scope::BlockingError;
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{forever, inside};

use super::scopes::crash;

#[otp::test]
async fn a_blocking_job_gives_its_result(system: System) {
    assert_eq!(system.spawn_blocking(|| 42).await, Ok(42));
}

// A simulator has one thread, and runs the job there.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_blocking_job_runs_elsewhere(system: System) {
    let here = std::thread::current().id();
    let there = system.spawn_blocking(move || std::thread::current().id()).await.unwrap();
    assert_ne!(here, there);
    // It may wait for what only other tasks can bring about.
    let (sender, receiver) = std::sync::mpsc::channel();
    let job = system.spawn_blocking(move || receiver.recv().unwrap());
    system.spawn(async move |_: ProcessContext<()>| sender.send(42).unwrap());
    assert_eq!(job.await, Ok(42));
}

#[otp::test]
async fn a_panic_in_a_blocking_job_is_an_error_and_a_crash_report_of_its_process(system: System) {
    let mut events = system.subscribe();
    let (pid, error) = inside(&system, async |ctx: ProcessContext<()>| {
        (ctx.pid(), ctx.system().spawn_blocking(|| panic!("jammed")).await.unwrap_err())
    })
    .await;
    let BlockingError::Panicked(panic) = &error else { panic!("{error}") };
    assert_eq!(panic.message(), "jammed");
    assert_eq!(error.to_string(), "the blocking job panicked: jammed");
    let report = crash(&mut events).await;
    assert_eq!((report.pid, report.reason), (Some(pid), ExitReason::crash("jammed")));
}

#[otp::test]
async fn a_blocking_job_whose_result_nobody_wants_runs_to_its_end(system: System) {
    let (sender, receiver) = oneshot::channel();
    drop(system.spawn_blocking(move || sender.send(1)));
    assert_eq!(receiver.await, Ok(1));
    let process = system.spawn(forever::<()>);
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
}
