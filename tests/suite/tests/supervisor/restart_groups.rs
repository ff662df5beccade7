//! Whom a strategy restarts with a child, and what counts when several end at once: SPEC §10, strategies.

use otp::prelude::*;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{Act, First, boom, gate};
use otp_suite::trees::{child, end, ids, pid, scripted, starting, states, tell};

use super::restart::{HOUR, abc, start};

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
pub(crate) fn mixed(journal: &Journal) -> Vec<ChildSpec> {
    vec![
        child(journal, "ended").restart(Restart::Transient),
        child(journal, "stopped"),
        starting(journal, "ignored", [First::Ignore]),
        child(journal, "temporary").restart(Restart::Temporary),
        child(journal, "x"),
        child(journal, "last"),
    ]
}

pub(crate) async fn prepare_mixed(system: &System, supervisor: &SupervisorRef) {
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
