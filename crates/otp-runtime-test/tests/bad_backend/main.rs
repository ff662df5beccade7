//! A suite that passes everything shows nothing. Here each of its tests fails on a backend that breaks the promise
//! that it is about: tokio, wrapped so that one thing goes wrong.

#![forbid(unsafe_code)]

mod backend;
mod cases;
mod fault;
mod net;
mod task;
mod timer;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use otp_runtime_test::{NET_TESTS, TESTS, Test};

use crate::backend::BadBackend;
use crate::cases::{BLOCKING, CLOCK, CONNECTS, Case, EXITS, HANGS, LISTENERS, RUNS, STREAMS, TASKS, TIMERS, WAKERS};

/// Without a fault, the wrapper passes everything.
mod no_fault {
    use std::time::Duration;

    use otp_core::runtime::Executor;
    use otp_runtime_test::{Backend, OwnedBackend};

    use crate::backend::BadBackend;
    use crate::fault::Fault;

    struct Harmless;

    impl Backend for Harmless {
        fn executor(&self) -> Box<dyn Executor + Send> {
            BadBackend::new(Fault::None, Duration::ZERO).executor()
        }
    }

    impl OwnedBackend for Harmless {}

    otp_runtime_test::suite!(Harmless);
    otp_runtime_test::net_suite!(Harmless);
}

#[test]
fn faults_in_running_tasks_are_found() {
    expect_failures(TASKS);
}

#[test]
fn faults_at_the_end_of_the_executor_are_found() {
    expect_failures(EXITS);
}

#[test]
fn faults_in_waking_are_found() {
    expect_failures(WAKERS);
}

#[test]
fn faults_in_timers_are_found() {
    expect_failures(TIMERS);
}

#[test]
fn faults_in_blocking_jobs_are_found() {
    expect_failures(BLOCKING);
}

#[test]
fn faults_in_the_clock_are_found() {
    expect_failures(CLOCK);
}

#[test]
fn faults_in_runs_are_found() {
    expect_failures(RUNS);
}

#[test]
fn faults_in_streams_are_found() {
    expect_failures(STREAMS);
}

#[test]
fn faults_in_listeners_are_found() {
    expect_failures(LISTENERS);
}

#[test]
fn faults_in_connecting_are_found() {
    expect_failures(CONNECTS);
}

#[test]
fn every_test_of_the_suite_is_shown_to_fail() {
    let cases = [TASKS, EXITS, WAKERS, TIMERS, BLOCKING, CLOCK, RUNS, STREAMS, LISTENERS, CONNECTS].concat();
    for (name, _) in all() {
        assert!(cases.iter().any(|(_, test, _)| test == name), "{name} is not shown to fail");
    }
}

/// Runs each case, all at once because some of them hang.
fn expect_failures(cases: &[Case]) {
    let wrong: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = cases.iter().map(|case| scope.spawn(|| expect_failure(case))).collect();
        runs.into_iter().filter_map(|run| run.join().expect("it catches panics").err()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn expect_failure((fault, name, message): &Case) -> Result<(), String> {
    let (_, test) = all().find(|(test, _)| test == name).ok_or(format!("there is no test {name}"))?;
    // Long enough only where a hang is what we wait for.
    let patience = Duration::from_secs(if *message == HANGS { 2 } else { 60 });
    let backend = BadBackend::new(*fault, patience);
    let outcome = catch_unwind(AssertUnwindSafe(|| test(&backend)));
    backend.is_over();
    match outcome {
        Ok(()) => Err(format!("{name} passes a backend with the fault {fault:?}")),
        Err(panic) if text(&*panic).contains(message) => Ok(()),
        Err(panic) => Err(format!("{name} does not say \"{message}\" of {fault:?}, but: {}", text(&*panic))),
    }
}

/// The tests that every backend passes, and those of a backend with sockets.
fn all() -> impl Iterator<Item = &'static (&'static str, Test)> {
    TESTS.iter().chain(NET_TESTS)
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without text")
}
