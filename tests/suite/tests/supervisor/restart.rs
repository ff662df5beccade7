//! When and with whom a child is started again: SPEC §10, restart decision, strategies, failing restarts.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::supervisor::ChildState;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, First, Gate, boom, gate, inside};
use otp_suite::trees::{child, end, failing, ids, pid, scripted, starting, states, strike, tell};

const HOUR: Duration = Duration::from_secs(3600);
const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

/// A supervisor that allows many restarts, and nothing in the journal.
async fn start(
    system: &System,
    strategy: Strategy,
    children: impl FnOnce(&Journal) -> Vec<ChildSpec>,
) -> (SupervisorRef, Journal, Recorder) {
    let (journal, mut entries) = journal(system);
    let specs = children(&journal);
    let supervisor = Supervisor::new(strategy).intensity(100, HOUR).children(specs).start(system).await.unwrap();
    entries.so_far();
    (supervisor, journal, entries)
}

fn abc(journal: &Journal) -> Vec<ChildSpec> {
    ["a", "b", "c"].map(|id| child(journal, id)).to_vec()
}

/// Reasons with which a child ends by itself, and whether they are abnormal.
fn reasons() -> [(Act, bool); 8] {
    [
        (Act::Stop(ExitReason::Normal), false),
        (Act::Stop(ExitReason::Shutdown), false),
        (Act::Stop(ExitReason::shutdown_with("late")), false),
        (Act::Stop(boom()), true),
        (Act::Panic("oh"), true),
        (Act::Fail(ExitReason::NoProc), true),
        (Act::Stop(ExitReason::Kill), true),
        (Act::Stop(ExitReason::Killed), true),
    ]
}

/// What a supervisor with one middle child of a restart type has when that has ended: as it should be.
fn expected(restart: Restart, abnormal: bool) -> Vec<&'static str> {
    match (restart, abnormal) {
        (Restart::Permanent, _) | (Restart::Transient, true) => vec!["a", "b", "c"],
        (Restart::Transient, false) => vec!["a", "(b)", "c"],
        _ => vec!["a", "c"],
    }
}

// SUP-32, SUP-33
#[otp::test]
async fn the_restart_type_and_the_reason_decide_under_every_strategy(system: System) {
    for strategy in STRATEGIES {
        for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
            for (act, abnormal) in reasons() {
                let (supervisor, _journal, mut entries) = start(&system, strategy, |journal| {
                    let mut specs = abc(journal);
                    specs[1] = child(journal, "b").restart(restart);
                    specs
                })
                .await;
                let before = states(&supervisor).await;
                let reason = end(&system, "b", act).await;
                assert_eq!(reason.is_abnormal(), abnormal);
                assert_eq!(ids(&supervisor).await, expected(restart, abnormal), "{strategy:?} {restart:?} {reason}");
                if !expected(restart, abnormal).contains(&"b") {
                    // Without a restart its siblings are left alone.
                    let after = states(&supervisor).await;
                    assert_eq!((&after[0], after.last()), (&before[0], before.last()));
                    assert!(!entries.so_far().iter().any(|entry| entry.ends_with("starts")));
                }
                supervisor.stop().await.unwrap();
            }
        }
    }
}

// SUP-32
#[otp::test]
async fn an_exit_signal_of_a_stranger_ends_a_child_as_any_other_end(system: System) {
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for (signal, reason) in
            [(ExitReason::Shutdown, ExitReason::Shutdown), (ExitReason::Kill, ExitReason::Killed), (boom(), boom())]
        {
            let (supervisor, ..) = start(&system, Strategy::OneForOne, |journal| {
                let mut specs = abc(journal);
                specs[1] = child(journal, "b").restart(restart);
                specs
            })
            .await;
            assert_eq!(strike(&system, "b", signal).await, reason);
            assert_eq!(ids(&supervisor).await, expected(restart, reason.is_abnormal()));
            supervisor.stop().await.unwrap();
        }
    }
}

// SUP-34
#[otp::test]
async fn a_child_that_has_cut_its_link_ends_unseen(system: System) {
    let (supervisor, ..) = start(&system, Strategy::OneForOne, abc).await;
    let (top, b) = (supervisor.pid().unwrap(), pid(&system, "b"));
    let b_process = system.info(b).unwrap();
    assert_eq!(b_process.links, [top]);
    // Whoever cuts the link, it is one.
    otp::sys::replace_state(&system, &supervisor, move |_| Process::current().unwrap().unlink(b)).await.unwrap();
    assert_eq!(end(&system, "b", Act::Stop(boom())).await, boom());
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    assert_eq!(states(&supervisor).await[1].1, ChildState::Running(b));
    assert_eq!(supervisor.count_children().await.unwrap().active, 2);
}

// SUP-35, SUP-63
#[otp::test]
async fn exits_of_processes_that_are_no_children_are_ignored(system: System) {
    let (supervisor, ..) = start(&system, Strategy::OneForAll, abc).await;
    let before = states(&supervisor).await;
    let top = supervisor.pid().unwrap();
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
        inside(&system, async move |ctx| {
            ctx.link(top).unwrap();
            ctx.system().exit(top, reason);
        })
        .await;
    }
    assert_eq!(states(&supervisor).await, before);
}

// SUP-36
#[otp::test]
async fn one_for_one_starts_only_that_child_again(system: System) {
    for id in ["a", "b", "c"] {
        let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, abc).await;
        end(&system, id, Act::Stop(boom())).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
        let seen = entries.so_far();
        assert_eq!(seen, [format!("{id} terminate Boom"), format!("{id} ended Boom"), format!("{id} starts")]);
        supervisor.stop().await.unwrap();
    }
}

// SUP-36
#[otp::test]
async fn one_for_one_leaves_siblings_that_do_not_run_as_they_are(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, mixed).await;
    prepare_mixed(&system, &supervisor).await;
    entries.so_far();
    end(&system, "x", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["(ended)", "(stopped)", "(ignored)", "temporary", "x", "last"]);
    assert_eq!(entries.so_far(), ["x terminate Boom", "x ended Boom", "x starts"]);
}

// SUP-37
#[otp::test]
async fn one_for_all_stops_the_others_in_reverse_and_starts_all_in_order(system: System) {
    let stops = [("a", ["c", "b"]), ("b", ["c", "a"]), ("c", ["b", "a"])];
    for (id, others) in stops {
        let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, abc).await;
        let before = states(&supervisor).await;
        end(&system, id, Act::Stop(boom())).await;
        let after = states(&supervisor).await;
        assert!(before.iter().zip(&after).all(|(before, after)| before.0 == after.0 && before.1 != after.1));
        let mut expected = vec![format!("{id} terminate Boom"), format!("{id} ended Boom")];
        expected.extend(others.map(|other| format!("{other} ended shutdown")));
        expected.extend(["a", "b", "c"].map(|id| format!("{id} starts")));
        assert_eq!(entries.so_far(), expected);
        supervisor.stop().await.unwrap();
    }
}

// SUP-38
#[otp::test]
async fn rest_for_one_stops_those_behind_in_reverse_and_starts_them_in_order(system: System) {
    for (place, id) in ["a", "b", "c"].into_iter().enumerate() {
        let (supervisor, _journal, mut entries) = start(&system, Strategy::RestForOne, abc).await;
        let before = states(&supervisor).await;
        end(&system, id, Act::Stop(boom())).await;
        let after = states(&supervisor).await;
        let same: Vec<_> = before.iter().zip(&after).map(|(before, after)| before == after).collect();
        assert_eq!(same, (0..3).map(|other| other < place).collect::<Vec<_>>());
        let rest = &["a", "b", "c"][place..];
        let mut expected = vec![format!("{id} terminate Boom"), format!("{id} ended Boom")];
        expected.extend(rest[1..].iter().rev().map(|other| format!("{other} ended shutdown")));
        expected.extend(rest.iter().map(|id| format!("{id} starts")));
        assert_eq!(entries.so_far(), expected);
        supervisor.stop().await.unwrap();
    }
}

// SUP-39
#[otp::test]
async fn a_group_restart_stops_each_sibling_as_its_shutdown_says_and_waits_for_it(system: System) {
    let (open, closed) = gate();
    let closed = std::sync::Mutex::new(Some(closed));
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, |journal| {
        let waiting = scripted(journal, "a", move |script| {
            script.trap_exit = true;
            script.terminate = closed.lock().unwrap().take().map_or(Act::Nothing, Act::Wait);
        });
        vec![
            waiting.shutdown(Shutdown::Infinity),
            otp_suite::trees::trapping(journal, "b").shutdown(Shutdown::BrutalKill),
            child(journal, "c"),
        ]
    })
    .await;
    end(&system, "c", Act::Stop(boom())).await;
    let seen = entries.until("a waits").await;
    assert_eq!(seen, ["c terminate Boom", "c ended Boom", "b ended killed", "a terminate shutdown", "a waits"]);
    drop(open);
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    assert_eq!(entries.so_far(), ["a ended shutdown", "a starts", "b starts", "c starts"]);
}

/// Children of each kind that does not run, one that is temporary, and two that run.
fn mixed(journal: &Journal) -> Vec<ChildSpec> {
    vec![
        child(journal, "ended").restart(Restart::Transient),
        child(journal, "stopped"),
        starting(journal, "ignored", [First::Ignore]),
        child(journal, "temporary").restart(Restart::Temporary),
        child(journal, "x"),
        child(journal, "last"),
    ]
}

async fn prepare_mixed(system: &System, supervisor: &SupervisorRef) {
    end(system, "ended", Act::Stop(ExitReason::Normal)).await;
    supervisor.terminate_child("stopped").await.unwrap();
    assert_eq!(ids(supervisor).await, ["(ended)", "(stopped)", "(ignored)", "temporary", "x", "last"]);
}

// SUP-40, SUP-41
#[otp::test]
async fn one_for_all_starts_every_sibling_and_forgets_the_temporary_ones(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, mixed).await;
    prepare_mixed(&system, &supervisor).await;
    entries.so_far();
    end(&system, "x", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["ended", "stopped", "ignored", "x", "last"]);
    let seen = entries.so_far();
    assert_eq!(
        seen,
        [
            "x terminate Boom",
            "x ended Boom",
            "last ended shutdown",
            "temporary ended shutdown",
            "ended starts",
            "stopped starts",
            "ignored starts",
            "x starts",
            "last starts"
        ]
    );
}

// SUP-40, SUP-41
#[otp::test]
async fn rest_for_one_starts_every_sibling_behind_and_forgets_the_temporary_ones(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::RestForOne, |journal| {
        let mut specs = vec![child(journal, "x")];
        specs.extend(mixed(journal).into_iter().filter(|spec| spec.id().as_str() != "x"));
        specs.insert(0, starting(journal, "before", [First::Ignore]));
        specs
    })
    .await;
    end(&system, "ended", Act::Stop(ExitReason::Normal)).await;
    supervisor.terminate_child("stopped").await.unwrap();
    entries.so_far();
    end(&system, "x", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["(before)", "x", "ended", "stopped", "ignored", "last"]);
    let seen = entries.so_far();
    assert_eq!(
        seen[2..],
        [
            "last ended shutdown",
            "temporary ended shutdown",
            "x starts",
            "ended starts",
            "stopped starts",
            "ignored starts",
            "last starts"
        ]
    );
}

/// Has the supervisor busy while `ends` end, so that it finds all their exits at once.
async fn at_once(system: &System, supervisor: &SupervisorRef, ends: &[&'static str]) {
    otp::sys::suspend(system, supervisor).await.unwrap();
    for id in ends {
        end(system, id, Act::Stop(boom())).await;
    }
    otp::sys::resume(system, supervisor).await.unwrap();
}

// SUP-42
#[otp::test]
async fn a_sibling_that_is_dead_already_is_part_of_the_group_and_does_not_count_again(system: System) {
    for (strategy, ends) in
        [(Strategy::OneForAll, ["a", "c"]), (Strategy::OneForAll, ["c", "a"]), (Strategy::RestForOne, ["a", "c"])]
    {
        let (journal, mut entries) = journal(&system);
        // One restart is all there is.
        let specs = abc(&journal);
        let supervisor = Supervisor::new(strategy).intensity(1, HOUR).children(specs).start(&system).await.unwrap();
        entries.so_far();
        at_once(&system, &supervisor, &ends).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
        let seen: Vec<_> = entries.so_far().split_off(4);
        assert_eq!(seen, ["b ended shutdown", "a starts", "b starts", "c starts"], "{strategy:?} {ends:?}");
        supervisor.stop().await.unwrap();
    }
}

// SUP-43
#[otp::test]
async fn under_one_for_one_each_exit_counts_by_itself(system: System) {
    for (intensity, survives) in [(2, true), (1, false)] {
        let (journal, _entries) = journal(&system);
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .intensity(intensity, HOUR)
            .children(abc(&journal))
            .start(&system)
            .await
            .unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        at_once(&system, &supervisor, &["a", "c"]).await;
        if survives {
            assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
            supervisor.stop().await.unwrap();
        } else {
            assert_eq!(exited.await, ExitReason::Shutdown);
        }
    }
}

// SUP-43
#[otp::test]
async fn rest_for_one_restarts_twice_if_the_later_one_is_seen_first(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::RestForOne, abc).await;
    at_once(&system, &supervisor, &["c", "a"]).await;
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    let seen = entries.so_far().split_off(4);
    let expected = ["c starts", "c ended shutdown", "b ended shutdown", "a starts", "b starts", "c starts"];
    assert_eq!(seen, expected);
}

// SUP-43
#[otp::test]
async fn linked_siblings_that_end_together_are_each_started_again(system: System) {
    let (supervisor, ..) = start(&system, Strategy::OneForOne, abc).await;
    let before = states(&supervisor).await;
    let (a, c) = (pid(&system, "a"), pid(&system, "c"));
    tell(&system, "a", Act::Link(c));
    let both = futures::future::join(system.exited(a), system.exited(c));
    tell(&system, "a", Act::Stop(boom()));
    assert_eq!(both.await, (boom(), boom()));
    let after = states(&supervisor).await;
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    let same: Vec<_> = before.iter().zip(&after).map(|(before, after)| before == after).collect();
    assert_eq!(same, [false, true, false]);
}

// ORD-6
#[otp::test]
async fn a_restarted_child_gets_its_name_back(system: System) {
    let (supervisor, ..) = start(&system, Strategy::OneForOne, abc).await;
    let before = pid(&system, "b");
    for _ in 0..20 {
        end(&system, "b", Act::Panic("oh")).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    }
    assert!(pid(&system, "b") > before);
    let children = supervisor.which_children().await.unwrap();
    assert_eq!(children.iter().map(|child| child.restarts).collect::<Vec<_>>(), [0, 20, 0]);
}

#[otp::test]
async fn a_restart_is_told_as_an_event(system: System) {
    let (supervisor, ..) = start(&system, Strategy::RestForOne, abc).await;
    let mut events = system.subscribe();
    end(&system, "b", Act::Stop(boom())).await;
    let mut restarted = Vec::new();
    while restarted.len() < 2 {
        if let Some(SupervisorEvent::Restarted { supervisor, child, pid, .. }) = events.next().await.downcast_ref() {
            restarted.push((*supervisor, child.to_string(), *pid));
        }
    }
    let top = supervisor.pid().unwrap();
    let at = |id: &'static str| (top, id.to_owned(), Some(pid(&system, id)));
    assert_eq!(restarted, [at("b"), at("c")]);
}

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
