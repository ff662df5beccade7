//! Supervisors that end when their work is done: SPEC §10, significant children.

use std::time::Duration;

use otp::prelude::*;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, boom};
use otp_suite::trees::{child, end, ids, strike, trapping};

const HOUR: Duration = Duration::from_secs(3600);

use AutoShutdown::{AllSignificant, AnySignificant, Never};

fn significant(journal: &Journal, id: &'static str, restart: Restart) -> ChildSpec {
    child(journal, id).restart(restart).significant(true)
}

async fn start(
    system: &System,
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    children: impl FnOnce(&Journal) -> Vec<ChildSpec>,
) -> (SupervisorRef, otp::process::Exited, Recorder) {
    let (journal, mut entries) = journal(system);
    let supervisor = Supervisor::new(strategy).auto_shutdown(auto_shutdown).intensity(100, HOUR);
    let supervisor = supervisor.children(children(&journal)).start(system).label("top").await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    entries.so_far();
    (supervisor, exited, entries)
}

fn quiet() -> [ExitReason; 3] {
    [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("done")]
}

// SUP-67
#[otp::test]
async fn the_end_of_any_significant_child_stops_the_others_and_ends_the_supervisor_with_shutdown(system: System) {
    for reason in quiet() {
        let (_supervisor, exited, mut entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
            vec![
                trapping(journal, "a"),
                significant(journal, "b", Restart::Transient),
                significant(journal, "c", Restart::Transient),
            ]
        })
        .await;
        end(&system, "b", Act::Stop(reason.clone())).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
        let seen = entries.so_far();
        let (terminate, ended) = (format!("b terminate {reason}"), format!("b ended {reason}"));
        let expected =
            [&terminate, &ended, "c ended shutdown", "a terminate shutdown", "a ended shutdown", "top ended shutdown"];
        assert_eq!(seen, expected);
    }
}

// SUP-69
#[otp::test]
async fn a_temporary_significant_child_always_ends_the_supervisor(system: System) {
    for act in [Act::Stop(ExitReason::Normal), Act::Stop(boom()), Act::Panic("oh")] {
        let (_supervisor, exited, _entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
            vec![significant(journal, "a", Restart::Temporary)]
        })
        .await;
        end(&system, "a", act).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
    }
    let (_supervisor, exited, _entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
        vec![significant(journal, "a", Restart::Temporary)]
    })
    .await;
    assert_eq!(strike(&system, "a", ExitReason::Kill).await, ExitReason::Killed);
    assert_eq!(exited.await, ExitReason::Shutdown);
}

// SUP-69
#[otp::test]
async fn a_transient_significant_child_that_ends_abnormally_is_started_again(system: System) {
    let (supervisor, _exited, _entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
        vec![significant(journal, "a", Restart::Transient)]
    })
    .await;
    for act in [Act::Stop(boom()), Act::Panic("oh")] {
        end(&system, "a", act).await;
        assert_eq!(ids(&supervisor).await, ["a"]);
    }
    strike(&system, "a", ExitReason::Kill).await;
    assert_eq!(ids(&supervisor).await, ["a"]);
}

// SUP-67, SUP-72
#[otp::test]
async fn the_end_of_another_child_does_not_end_the_supervisor(system: System) {
    for auto_shutdown in [Never, AnySignificant, AllSignificant] {
        let (supervisor, _exited, _entries) = start(&system, Strategy::OneForOne, auto_shutdown, |journal| {
            vec![child(journal, "a").restart(Restart::Transient), child(journal, "b").restart(Restart::Temporary)]
        })
        .await;
        end(&system, "a", Act::Stop(ExitReason::Normal)).await;
        end(&system, "b", Act::Stop(boom())).await;
        assert_eq!(ids(&supervisor).await, ["(a)"]);
    }
}

// SUP-68
#[otp::test]
async fn all_significant_waits_for_the_last_one(system: System) {
    let (supervisor, exited, _entries) = start(&system, Strategy::OneForOne, AllSignificant, |journal| {
        vec![
            significant(journal, "a", Restart::Transient),
            significant(journal, "b", Restart::Temporary),
            child(journal, "other"),
            significant(journal, "c", Restart::Transient),
        ]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "other", "c"]);
    end(&system, "c", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(ids(&supervisor).await, ["a", "other", "(c)"]);
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "other", "(c)"]);
    end(&system, "a", Act::Stop(ExitReason::Shutdown)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
}

// SUP-70, SUP-27
#[otp::test]
async fn stopping_a_significant_child_by_hand_does_not_end_the_supervisor(system: System) {
    for auto_shutdown in [AnySignificant, AllSignificant] {
        let (supervisor, _exited, _entries) = start(&system, Strategy::OneForOne, auto_shutdown, |journal| {
            vec![significant(journal, "a", Restart::Transient), significant(journal, "b", Restart::Temporary)]
        })
        .await;
        supervisor.terminate_child("a").await.unwrap();
        supervisor.terminate_child("b").await.unwrap();
        assert_eq!(ids(&supervisor).await, ["(a)"]);
        supervisor.restart_child("a").await.unwrap();
        assert_eq!(ids(&supervisor).await, ["a"]);
        supervisor.stop().await.unwrap();
    }
}

// SUP-70
#[otp::test]
async fn a_significant_child_that_was_stopped_by_hand_is_not_waited_for(system: System) {
    let (supervisor, exited, _entries) = start(&system, Strategy::OneForOne, AllSignificant, |journal| {
        vec![significant(journal, "a", Restart::Transient), significant(journal, "b", Restart::Transient)]
    })
    .await;
    supervisor.terminate_child("a").await.unwrap();
    end(&system, "b", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
}

// SUP-70, SUP-40
#[otp::test]
async fn a_significant_child_that_is_stopped_with_its_group_does_not_end_the_supervisor(system: System) {
    for auto_shutdown in [AnySignificant, AllSignificant] {
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let (supervisor, _exited, _entries) = start(&system, strategy, auto_shutdown, |journal| {
                vec![
                    child(journal, "a"),
                    significant(journal, "b", Restart::Transient),
                    significant(journal, "c", Restart::Temporary),
                ]
            })
            .await;
            end(&system, "a", Act::Stop(boom())).await;
            assert_eq!(ids(&supervisor).await, ["a", "b"]);
            supervisor.stop().await.unwrap();
        }
    }
}

// SUP-67
#[otp::test]
async fn auto_shutdown_works_under_every_strategy(system: System) {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let (_supervisor, exited, mut entries) = start(&system, strategy, AnySignificant, |journal| {
            vec![child(journal, "a"), significant(journal, "b", Restart::Transient)]
        })
        .await;
        end(&system, "b", Act::Stop(ExitReason::Normal)).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
        let seen = entries.so_far();
        assert_eq!(seen[1..], ["b ended normal", "a ended shutdown", "top ended shutdown"]);
    }
}

/// A supervisor below another, that ends with its only child.
fn ending_with_its_child(journal: &Journal, significant_itself: bool) -> ChildSpec {
    let journal = journal.clone();
    otp_suite::trees::subtree("tree", move || {
        let worker = significant(&journal, "worker", Restart::Temporary);
        Supervisor::new(Strategy::OneForOne).auto_shutdown(AnySignificant).child(worker)
    })
    .restart(Restart::Transient)
    .significant(significant_itself)
}

// SUP-71
#[otp::test]
async fn a_significant_subtree_that_ends_so_ends_the_supervisor_above(system: System) {
    let (_supervisor, exited, mut entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
        vec![child(journal, "a"), ending_with_its_child(journal, true)]
    })
    .await;
    end(&system, "worker", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
    let seen = entries.so_far();
    assert_eq!(seen[1..], ["worker ended normal", "tree ended shutdown", "a ended shutdown", "top ended shutdown"]);
}

// SUP-71
#[otp::test]
async fn a_subtree_that_is_not_significant_ends_alone(system: System) {
    let (supervisor, _exited, mut entries) = start(&system, Strategy::OneForOne, AnySignificant, |journal| {
        vec![child(journal, "a"), ending_with_its_child(journal, false)]
    })
    .await;
    let tree = <SupervisorRef>::named(&system, SupervisorName::new("tree")).pid().unwrap();
    let gone = system.exited(tree);
    end(&system, "worker", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(gone.await, ExitReason::Shutdown);
    assert_eq!(ids(&supervisor).await, ["a", "(tree)"]);
    assert_eq!(entries.so_far()[1..], ["worker ended normal", "tree ended shutdown"]);
}
