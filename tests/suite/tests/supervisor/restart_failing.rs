//! Restarts whose start fails: SPEC §10, failing restarts.

use futures::FutureExt;
use otp::prelude::*;
use otp_suite::journal::journal;
use otp_suite::servers::{Act, First, Gate, boom, gate};
use otp_suite::trees::{child, end, failing, ids, scripted, starting};

use super::restart::{HOUR, start};

/// A start that waits for the gate and then fails.
fn failing_behind(gate: Gate) -> First {
    First::Act(Act::Wait(gate).then(Act::Fail(boom())))
}

fn ordinary() -> First {
    First::Act(Act::Nothing)
}

// SUP-49, SUP-50, ORD-7
#[otp::test]
async fn a_failing_restart_is_tried_again_and_requests_are_served_in_between(system: System) {
    let (open, closed) = gate();
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        vec![child(journal, "a"), starting(journal, "b", [ordinary(), failing_behind(closed), failing()])]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    entries.until("b waits").await;
    let mut meanwhile = Box::pin(ids(&supervisor));
    assert!((&mut meanwhile).now_or_never().is_none());
    let mut counts = Box::pin(supervisor.count_children());
    assert!((&mut counts).now_or_never().is_none());
    drop(open);
    assert_eq!(meanwhile.await, ["a", "(b restarting)"]);
    assert_eq!(counts.await.unwrap().active, 1);
    entries.until("b starts").await;
    let seen = entries.until("b starts").await;
    assert_eq!(seen, ["b ended Boom", "b starts"]);
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

// SUP-49
#[otp::test]
async fn each_try_of_a_failing_restart_counts(system: System) {
    for (failures, survives) in [(2, true), (3, false)] {
        let (journal, mut entries) = journal(&system);
        let starts = std::iter::once(ordinary()).chain((0..failures).map(|_| failing()));
        // The first restart and two more tries.
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .intensity(3, HOUR)
            .child(child(&journal, "a"))
            .child(starting(&journal, "b", starts))
            .start(&system)
            .await
            .unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        end(&system, "b", Act::Stop(boom())).await;
        if survives {
            entries.until("b starts").await;
            for _ in 0..3 {
                entries.until("b starts").await;
            }
            assert_eq!(ids(&supervisor).await, ["a", "b"]);
            supervisor.stop().await.unwrap();
        } else {
            assert_eq!(exited.await, ExitReason::Shutdown);
            let starts = entries.so_far().iter().filter(|entry| *entry == "b starts").count();
            assert_eq!(starts, 4);
        }
    }
}

// SUP-51
#[otp::test]
async fn a_restart_that_answers_ignore_stops_the_child(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        vec![child(journal, "a"), starting(journal, "b", [ordinary(), First::Ignore])]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "(b)"]);
    assert_eq!(entries.so_far(), ["b terminate Boom", "b ended Boom", "b starts", "b ended normal"]);
    // It is not tried again, and can be started by hand.
    assert!(supervisor.restart_child("b").await.unwrap().is_some());
}

// SUP-52
#[otp::test]
async fn if_a_sibling_fails_in_one_for_all_the_next_try_stops_and_starts_all(system: System) {
    let (open, closed) = gate();
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, |journal| {
        vec![
            child(journal, "a"),
            child(journal, "b"),
            starting(journal, "c", [ordinary(), failing_behind(closed)]),
            child(journal, "d"),
        ]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    entries.until("c waits").await;
    let mut meanwhile = Box::pin(ids(&supervisor));
    assert!((&mut meanwhile).now_or_never().is_none());
    drop(open);
    // Nothing is undone at once.
    assert_eq!(meanwhile.await, ["a", "b", "(c restarting)", "(d)"]);
    let seen = entries.until("d starts").await;
    let expected =
        ["c ended Boom", "b ended shutdown", "a ended shutdown", "a starts", "b starts", "c starts", "d starts"];
    assert_eq!(seen, expected);
    assert_eq!(ids(&supervisor).await, ["a", "b", "c", "d"]);
}

// SUP-52
#[otp::test]
async fn if_the_first_one_fails_in_one_for_all_the_child_that_had_ended_is_shown_stopped(system: System) {
    let (open, closed) = gate();
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, |journal| {
        vec![starting(journal, "a", [ordinary(), failing_behind(closed)]), child(journal, "b"), child(journal, "c")]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    entries.until("a waits").await;
    let mut meanwhile = Box::pin(ids(&supervisor));
    assert!((&mut meanwhile).now_or_never().is_none());
    drop(open);
    assert_eq!(meanwhile.await, ["(a restarting)", "(b)", "(c)"]);
    assert_eq!(entries.until("c starts").await, ["a ended Boom", "a starts", "b starts", "c starts"]);
}

// SUP-53
#[otp::test]
async fn if_a_sibling_fails_in_rest_for_one_the_next_try_goes_on_from_it(system: System) {
    let (open, closed) = gate();
    let (supervisor, _journal, mut entries) = start(&system, Strategy::RestForOne, |journal| {
        vec![
            child(journal, "a"),
            child(journal, "b"),
            starting(journal, "c", [ordinary(), failing_behind(closed)]),
            child(journal, "d"),
        ]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    entries.until("c waits").await;
    let mut meanwhile = Box::pin(ids(&supervisor));
    assert!((&mut meanwhile).now_or_never().is_none());
    drop(open);
    assert_eq!(meanwhile.await, ["a", "b", "(c restarting)", "(d)"]);
    assert_eq!(entries.until("d starts").await, ["c ended Boom", "c starts", "d starts"]);
    assert_eq!(ids(&supervisor).await, ["a", "b", "c", "d"]);
}

// SUP-53
#[otp::test]
async fn if_the_child_itself_fails_in_rest_for_one_those_behind_wait_stopped(system: System) {
    let (open, closed) = gate();
    let (supervisor, _journal, mut entries) = start(&system, Strategy::RestForOne, |journal| {
        vec![child(journal, "a"), starting(journal, "b", [ordinary(), failing_behind(closed)]), child(journal, "c")]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    entries.until("b waits").await;
    let mut meanwhile = Box::pin(ids(&supervisor));
    assert!((&mut meanwhile).now_or_never().is_none());
    drop(open);
    assert_eq!(meanwhile.await, ["a", "(b restarting)", "(c)"]);
    assert_eq!(entries.until("c starts").await, ["b ended Boom", "b starts", "c starts"]);
}

// SUP-13, SUP-49
#[otp::test]
async fn a_start_function_that_panics_at_a_restart_is_tried_again(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        let first = std::sync::atomic::AtomicU32::new(0);
        vec![scripted(journal, "a", move |_| {
            assert_ne!(first.fetch_add(1, std::sync::atomic::Ordering::Relaxed), 1, "not this time");
        })]
    })
    .await;
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(entries.until("a starts").await, ["a terminate Boom", "a ended Boom", "a starts"]);
    assert_eq!(ids(&supervisor).await, ["a"]);
}
