//! When and with whom a child is started again: SPEC §10, restart decision.

use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::ChildState;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, boom, inside};
use otp_suite::trees::{child, end, ids, pid, states, strike};

use super::restart_groups::{mixed, prepare_mixed};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

/// A supervisor that allows many restarts, and nothing in the journal.
pub(crate) async fn start(
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

pub(crate) fn abc(journal: &Journal) -> Vec<ChildSpec> {
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
