//! What can be asked of a running supervisor: SPEC §10, dynamic changes.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::supervisor::{ChildError, ChildKind, ChildState, SpecError, StartChildError};
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, First, boom, gate, inside};
use otp_suite::trees::{child, end, failing, ids, pid, starting, subtree, trapping};

const HOUR: Duration = Duration::from_secs(3600);

/// A supervisor with two children, and nothing in the journal.
async fn two(system: &System) -> (SupervisorRef, Journal, Recorder) {
    let (journal, mut entries) = journal(system);
    let specs = ["a", "b"].map(|id| child(&journal, id));
    let supervisor =
        Supervisor::new(Strategy::OneForOne).intensity(100, HOUR).children(specs).start(system).await.unwrap();
    entries.so_far();
    (supervisor, journal, entries)
}

/// A supervisor with a child `a` that runs, and a child `b` that waits for its next start, inside which the supervisor
/// is. Requests that are sent now are served before `b` is tried again, when the gate is opened.
async fn restarting(system: &System) -> (SupervisorRef, Journal, Recorder, futures::channel::oneshot::Sender<()>) {
    let (journal, mut entries) = journal(system);
    let (open, closed) = gate();
    let starts = [First::Act(Act::Nothing), First::Act(Act::Wait(closed).then(Act::Fail(boom())))];
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(100, HOUR)
        .child(child(&journal, "a"))
        .child(starting(&journal, "b", starts))
        .start(system)
        .await
        .unwrap();
    end(system, "b", Act::Stop(boom())).await;
    entries.until("b waits").await;
    (supervisor, journal, entries, open)
}

/// Sends a request whose answer comes later.
fn asked<'a, T>(request: impl Future<Output = T> + Send + 'a) -> futures::future::BoxFuture<'a, T> {
    let mut request = request.boxed();
    assert!((&mut request).now_or_never().is_none());
    request
}

fn not_found<T: std::fmt::Debug>(answer: Result<T, ChildError>) -> bool {
    matches!(answer, Err(ChildError::NotFound { child }) if child.as_str() == "x")
}

// SUP-18
#[otp::test]
async fn start_child_adds_a_child_at_the_end(system: System) {
    let (supervisor, journal, mut entries) = two(&system).await;
    let started = supervisor.start_child(trapping(&journal, "c")).await.unwrap();
    assert_eq!(started, Some(pid(&system, "c")));
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    supervisor.stop().await.unwrap();
    let seen = entries.so_far();
    let expected = ["c starts", "c terminate shutdown", "c ended shutdown", "b ended shutdown", "a ended shutdown"];
    assert_eq!(seen[..5], expected);
}

// SUP-19
#[otp::test]
async fn start_child_refuses_an_id_that_is_there_and_does_not_look_at_the_spec(system: System) {
    let (supervisor, journal, mut entries) = two(&system).await;
    let again = || supervisor.start_child(trapping(&journal, "a"));
    let running = StartChildError::AlreadyStarted { id: "a".into(), pid: pid(&system, "a") };
    assert_eq!(again().await, Err(running.clone()));
    assert_eq!(running.to_string(), format!("the child \"a\" is running already, as {}", pid(&system, "a")));
    supervisor.terminate_child("a").await.unwrap();
    let present = StartChildError::AlreadyPresent { id: "a".into() };
    assert_eq!(again().await, Err(present.clone()));
    assert_eq!(present.to_string(), "there is a child \"a\" already");
    // The old spec is still there.
    supervisor.restart_child("a").await.unwrap();
    supervisor.terminate_child("a").await.unwrap();
    assert_eq!(entries.so_far(), ["a ended shutdown", "a starts", "a ended shutdown"]);
}

// SUP-20
#[otp::test]
async fn a_child_that_does_not_start_is_not_kept(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let error = supervisor.start_child(starting(&journal, "c", [failing()])).await.unwrap_err();
    assert_eq!(error, StartChildError::Failed { id: "c".into(), error: StartError::failed(boom()).of("c") });
    assert_eq!(error.to_string(), "the child \"c\" did not start: c was not started: Boom");
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
    assert!(supervisor.start_child(child(&journal, "c")).await.is_ok());
}

// SUP-5, SUP-6
#[otp::test]
async fn start_child_refuses_a_wrong_spec(system: System) {
    let (supervisor, journal, mut entries) = two(&system).await;
    let wrong = child(&journal, "c").restart(Restart::Temporary).significant(true);
    let refused = SpecError::SignificantWithoutAutoShutdown { id: "c".into() };
    assert_eq!(supervisor.start_child(wrong).await, Err(StartChildError::Spec(refused)));
    assert!(entries.so_far().is_empty());
}

// SUP-75
#[otp::test]
async fn a_child_whose_name_is_taken_tells_by_whom(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let other = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let error = other.start_child(child(&journal, "a")).await.unwrap_err();
    let taken = StartError::AlreadyStarted { name: "a".into(), pid: pid(&system, "a") };
    assert_eq!(error, StartChildError::Failed { id: "a".into(), error: taken });
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

// SUP-21
#[otp::test]
async fn a_child_that_answers_ignore_is_kept_unless_it_is_temporary(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let ignoring = |id| starting(&journal, id, [First::Ignore]);
    assert_eq!(supervisor.start_child(ignoring("c")).await, Ok(None));
    assert_eq!(supervisor.start_child(ignoring("d").restart(Restart::Temporary)).await, Ok(None));
    assert_eq!(ids(&supervisor).await, ["a", "b", "(c)"]);
    let again = supervisor.start_child(ignoring("c")).await;
    assert_eq!(again, Err(StartChildError::AlreadyPresent { id: "c".into() }));
}

// SUP-22, SUP-23
#[otp::test]
async fn terminate_child_returns_when_the_child_is_gone_and_keeps_its_spec(system: System) {
    let (supervisor, _journal, mut entries) = two(&system).await;
    assert_eq!(supervisor.terminate_child("a").await, Ok(()));
    assert_eq!(entries.so_far(), ["a ended shutdown"]);
    assert_eq!(ids(&supervisor).await, ["(a)", "b"]);
    // It is no error that it does not run.
    assert_eq!(supervisor.terminate_child("a").await, Ok(()));
    assert!(not_found(supervisor.terminate_child("x").await));
}

// SUP-23
#[otp::test]
async fn terminate_child_forgets_a_temporary_child(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    supervisor.start_child(child(&journal, "x").restart(Restart::Temporary)).await.unwrap();
    assert_eq!(supervisor.terminate_child("x").await, Ok(()));
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
    assert!(not_found(supervisor.terminate_child("x").await));
}

// SUP-24
#[otp::test]
async fn restart_child_starts_a_child_that_is_stopped_and_no_other(system: System) {
    let (supervisor, _journal, _entries) = two(&system).await;
    assert_eq!(supervisor.restart_child("a").await, Err(ChildError::Running { id: "a".into() }));
    let before = pid(&system, "a");
    supervisor.terminate_child("a").await.unwrap();
    let started = supervisor.restart_child("a").await.unwrap().map(|child| child.pid());
    assert_eq!(started, Some(pid(&system, "a")));
    assert_ne!(started, Some(before));
    assert!(not_found(supervisor.restart_child("x").await));
}

// SUP-24
#[otp::test]
async fn restart_child_tells_of_an_ignore_and_of_a_failure_which_leave_the_child_stopped(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let starts = [First::Ignore, First::Ignore, failing()];
    supervisor.start_child(starting(&journal, "c", starts)).await.unwrap();
    assert_eq!(supervisor.restart_child("c").await, Ok(None));
    let error = supervisor.restart_child("c").await.unwrap_err();
    assert_eq!(error, ChildError::Failed { id: "c".into(), error: StartError::failed(boom()).of("c") });
    assert_eq!(error.to_string(), "the child \"c\" did not start: c was not started: Boom");
    assert_eq!(ids(&supervisor).await, ["a", "b", "(c)"]);
    assert!(supervisor.restart_child("c").await.unwrap().is_some());
}

// SUP-24
#[otp::test]
async fn a_transient_child_that_has_ended_can_be_started_by_hand(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    supervisor.start_child(child(&journal, "c").restart(Restart::Transient)).await.unwrap();
    end(&system, "c", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(ids(&supervisor).await, ["a", "b", "(c)"]);
    assert!(supervisor.restart_child("c").await.unwrap().is_some());
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
}

// SUP-25
#[otp::test]
async fn delete_child_forgets_a_child_that_is_stopped_and_no_other(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let error = supervisor.delete_child("a").await.unwrap_err();
    assert_eq!(error, ChildError::Running { id: "a".into() });
    assert_eq!(error.to_string(), "the child \"a\" is running");
    supervisor.terminate_child("a").await.unwrap();
    assert_eq!(supervisor.delete_child("a").await, Ok(()));
    assert_eq!(ids(&supervisor).await, ["b"]);
    let error = supervisor.delete_child("x").await;
    assert_eq!(error.as_ref().unwrap_err().to_string(), "there is no child x");
    assert!(not_found(error));
    // The id is free.
    assert!(supervisor.start_child(child(&journal, "a")).await.is_ok());
}

// SUP-26
#[otp::test]
async fn restart_child_keeps_the_place_and_a_child_that_is_added_anew_goes_to_the_end(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    supervisor.terminate_child("a").await.unwrap();
    supervisor.restart_child("a").await.unwrap();
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
    supervisor.terminate_child("a").await.unwrap();
    supervisor.delete_child("a").await.unwrap();
    supervisor.start_child(child(&journal, "a")).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["b", "a"]);
}

// SUP-24, SUP-25, SUP-19, SUP-50
#[otp::test]
async fn a_child_that_waits_for_its_next_start_is_neither_running_nor_stopped(system: System) {
    let (supervisor, journal, _entries, open) = restarting(&system).await;
    let states = asked(ids(&supervisor));
    let start = asked(supervisor.start_child(child(&journal, "b")));
    let restart = asked(supervisor.restart_child("b"));
    let delete = asked(supervisor.delete_child("b"));
    let spec = asked(supervisor.childspec("b"));
    drop(open);
    assert_eq!(states.await, ["a", "(b restarting)"]);
    assert_eq!(start.await, Err(StartChildError::AlreadyPresent { id: "b".into() }));
    let restarting = ChildError::Restarting { id: "b".into() };
    assert_eq!(restart.await, Err(restarting.clone()));
    assert_eq!(delete.await, Err(restarting.clone()));
    assert_eq!(restarting.to_string(), "the child \"b\" is about to be started again");
    assert_eq!(spec.await.unwrap().id().as_str(), "b");
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

// SUP-22
#[otp::test]
async fn terminate_child_forgets_a_restart_that_is_to_be_tried_again(system: System) {
    let (supervisor, _journal, mut entries, open) = restarting(&system).await;
    let terminate = asked(supervisor.terminate_child("b"));
    drop(open);
    assert_eq!(terminate.await, Ok(()));
    assert_eq!(ids(&supervisor).await, ["a", "(b)"]);
    assert!(!entries.so_far().contains(&"b starts".to_owned()));
    // From then on it is like any child that is stopped.
    assert!(supervisor.restart_child("b").await.unwrap().is_some());
}

// SUP-49
#[otp::test]
async fn a_supervisor_can_be_stopped_while_a_restart_fails(system: System) {
    let (supervisor, _journal, mut entries, open) = restarting(&system).await;
    let stop = asked(supervisor.stop().into_future());
    drop(open);
    assert_eq!(stop.await, Ok(()));
    assert_eq!(entries.so_far()[..2], ["b ended Boom", "a ended shutdown"]);
}

// SUP-28
#[otp::test]
async fn which_children_tells_the_youngest_first(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    supervisor.start_child(starting(&journal, "c", [First::Ignore]).restart(Restart::Transient)).await.unwrap();
    supervisor.start_child(subtree("tree", || Supervisor::new(Strategy::OneForOne))).await.unwrap();
    let children = supervisor.which_children().await.unwrap();
    let told: Vec<_> = children
        .iter()
        .map(|child| (child.id.as_str(), child.state.running().is_some(), child.kind, child.restart))
        .collect();
    let expected = [
        ("tree", true, ChildKind::Supervisor, Restart::Permanent),
        ("c", false, ChildKind::Worker, Restart::Transient),
        ("b", true, ChildKind::Worker, Restart::Permanent),
        ("a", true, ChildKind::Worker, Restart::Permanent),
    ];
    assert_eq!(told, expected);
    assert_eq!(children[3].state, ChildState::Running(pid(&system, "a")));
    assert_eq!(children[1].state, ChildState::Stopped);
}

// SUP-29
#[otp::test]
async fn count_children_counts_by_kind_and_those_that_are_alive(system: System) {
    let (supervisor, _journal, _entries) = two(&system).await;
    supervisor.start_child(subtree("tree", || Supervisor::new(Strategy::OneForOne))).await.unwrap();
    supervisor.terminate_child("b").await.unwrap();
    let counts = supervisor.count_children().await.unwrap();
    assert_eq!((counts.specs, counts.active, counts.supervisors, counts.workers), (3, 2, 1, 2));
}

// SUP-30
#[otp::test]
async fn childspec_gives_the_spec_with_its_defaults(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let spec = supervisor.childspec("a").await.unwrap();
    assert_eq!((spec.id().as_str(), spec.restart_type()), ("a", Restart::Permanent));
    assert_eq!(spec.shutdown_limit(), Shutdown::Timeout(Duration::from_secs(5)));
    let limit = Shutdown::Timeout(Duration::from_millis(7));
    let other = child(&journal, "c").restart(Restart::Transient).shutdown(limit);
    supervisor.start_child(other).await.unwrap();
    let spec = supervisor.childspec("c").await.unwrap();
    assert_eq!((spec.restart_type(), spec.shutdown_limit()), (Restart::Transient, limit));
    assert!(not_found(supervisor.childspec("x").await));
}

// SUP-31
#[otp::test]
async fn every_request_to_a_supervisor_that_is_gone_fails(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    supervisor.stop().await.unwrap();
    let no_proc = |error: &CallError| matches!(error, CallError::NoProc(_));
    let start = supervisor.start_child(child(&journal, "c")).await;
    assert!(matches!(start, Err(StartChildError::Call(error)) if no_proc(&error)));
    for answer in [
        supervisor.terminate_child("a").await,
        supervisor.delete_child("a").await,
        supervisor.restart_child("a").await.map(drop),
        supervisor.childspec("a").await.map(drop),
    ] {
        assert!(matches!(answer, Err(ChildError::Call(error)) if no_proc(&error)));
    }
    assert!(supervisor.which_children().await.is_err_and(|error| no_proc(&error)));
    assert!(supervisor.count_children().await.is_err_and(|error| no_proc(&error)));
    assert!(matches!(supervisor.stop().await, Err(StopError::NoProc(_))));
}

// SUP-31
#[otp::test]
async fn a_request_that_waits_when_the_supervisor_ends_hears_why(system: System) {
    let (supervisor, _journal, _entries, _open) = restarting(&system).await;
    let which = asked(supervisor.which_children());
    system.exit(supervisor.pid().unwrap(), ExitReason::Kill);
    assert!(matches!(which.await, Err(CallError::Exited { reason: ExitReason::Killed, .. })));
}

// ORD-7
#[otp::test]
async fn a_supervisor_does_one_thing_at_a_time(system: System) {
    let (supervisor, journal, mut entries) = two(&system).await;
    let (open, closed) = gate();
    let slow = starting(&journal, "slow", [First::Act(Act::Wait(closed))]);
    let first = asked(supervisor.start_child(slow));
    entries.until("slow waits").await;
    let second = asked(supervisor.start_child(child(&journal, "quick")));
    end(&system, "a", Act::Stop(boom())).await;
    let third = asked(supervisor.terminate_child("b"));
    assert_eq!(entries.so_far(), ["a terminate Boom", "a ended Boom"]);
    drop(open);
    assert!(first.await.is_ok() && second.await.is_ok() && third.await.is_ok());
    assert_eq!(entries.so_far(), ["quick starts", "a starts", "b ended shutdown"]);
}

// GS-18
#[otp::test]
async fn a_child_may_ask_its_supervisor_for_a_sibling_once_it_has_started(system: System) {
    let (supervisor, journal, _entries) = two(&system).await;
    let asked = supervisor.clone();
    let spec = child(&journal, "c");
    let started = inside(&system, async move |_| asked.start_child(spec).await).await;
    assert_eq!(started, Ok(Some(pid(&system, "c"))));
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
}
