//! Supervisors below supervisors: SPEC §10, nested trees.

use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::{FailedToStartChild, StartChildError};
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, boom, inside};
use otp_suite::trees::{child, end, failing, ids, pid, scripted, starting, subtree, trapping};

const HOUR: Duration = Duration::from_secs(3600);

fn named(system: &System, name: &'static str) -> SupervisorRef {
    SupervisorRef::named(system, SupervisorName::new(name))
}

fn exited(system: &System, name: &'static str) -> otp::process::Exited {
    system.exited(named(system, name).pid().unwrap())
}

/// `before`, then a subtree `tree` with `a` and `b` that allows `intensity` restarts, then `after`.
async fn start(
    system: &System,
    strategy: Strategy,
    intensity: usize,
    restart: Restart,
) -> (SupervisorRef, Journal, Recorder) {
    let (journal, mut entries) = journal(system);
    let inner = journal.clone();
    let tree = subtree("tree", move || {
        let specs = ["a", "b"].map(|id| trapping(&inner, id));
        Supervisor::new(Strategy::OneForOne).intensity(intensity, HOUR).children(specs)
    });
    let supervisor = Supervisor::new(strategy)
        .intensity(1, HOUR)
        .child(child(&journal, "before"))
        .child(tree.restart(restart))
        .child(child(&journal, "after"))
        .start(system)
        .label("top")
        .await
        .unwrap();
    assert_eq!(entries.so_far(), ["before starts", "a starts", "b starts", "after starts"]);
    (supervisor, journal, entries)
}

// SUP-12, SUP-62
#[otp::test]
async fn a_tree_starts_in_order_and_stops_in_reverse(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, 1, Restart::Permanent).await;
    supervisor.stop().await.unwrap();
    let seen = entries.so_far();
    assert_eq!(
        seen,
        [
            "after ended shutdown",
            "b terminate shutdown",
            "b ended shutdown",
            "a terminate shutdown",
            "a ended shutdown",
            "tree ended shutdown",
            "before ended shutdown",
            "top ended normal"
        ]
    );
    assert_eq!(system.process_count(), 0);
}

// SUP-66
#[otp::test]
async fn a_permanent_subtree_that_gives_up_is_started_again_whole(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, 0, Restart::Permanent).await;
    let tree = exited(&system, "tree");
    end(&system, "b", Act::Stop(boom())).await;
    assert_eq!(tree.await, ExitReason::Shutdown);
    assert_eq!(ids(&supervisor).await, ["before", "tree", "after"]);
    let seen = entries.so_far();
    assert_eq!(seen[2..], ["a terminate shutdown", "a ended shutdown", "tree ended shutdown", "a starts", "b starts"]);
    assert_eq!(ids(&named(&system, "tree")).await, ["a", "b"]);
}

// SUP-66
#[otp::test]
async fn a_transient_or_temporary_subtree_that_gives_up_is_not_started_again(system: System) {
    for (restart, expected) in
        [(Restart::Transient, &["before", "(tree)", "after"][..]), (Restart::Temporary, &["before", "after"])]
    {
        let (supervisor, ..) = start(&system, Strategy::OneForOne, 0, restart).await;
        let tree = exited(&system, "tree");
        end(&system, "a", Act::Stop(boom())).await;
        assert_eq!(tree.await, ExitReason::Shutdown);
        assert_eq!(ids(&supervisor).await, expected);
        supervisor.stop().await.unwrap();
    }
}

// SUP-66, SUP-37
#[otp::test]
async fn a_subtree_that_gives_up_takes_its_siblings_with_it_under_one_for_all(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, 0, Restart::Permanent).await;
    let tree = exited(&system, "tree");
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(tree.await, ExitReason::Shutdown);
    assert_eq!(ids(&supervisor).await, ["before", "tree", "after"]);
    let seen = entries.so_far();
    assert_eq!(
        seen[4..],
        [
            "tree ended shutdown",
            "after ended shutdown",
            "before ended shutdown",
            "before starts",
            "a starts",
            "b starts",
            "after starts"
        ]
    );
}

// SUP-37
#[otp::test]
async fn a_subtree_is_stopped_and_started_with_its_siblings(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForAll, 1, Restart::Permanent).await;
    end(&system, "before", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["before", "tree", "after"]);
    let seen = entries.so_far();
    assert_eq!(
        seen[2..],
        [
            "after ended shutdown",
            "b terminate shutdown",
            "b ended shutdown",
            "a terminate shutdown",
            "a ended shutdown",
            "tree ended shutdown",
            "before starts",
            "a starts",
            "b starts",
            "after starts"
        ]
    );
}

// SUP-66
#[otp::test]
async fn giving_up_goes_from_level_to_level(system: System) {
    let (journal, mut entries) = journal(&system);
    let inner = journal.clone();
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(1, HOUR)
        .child(subtree("one", move || {
            let inner = inner.clone();
            Supervisor::new(Strategy::OneForOne).intensity(1, HOUR).child(subtree("two", move || {
                Supervisor::new(Strategy::OneForOne).intensity(1, HOUR).child(child(&inner, "leaf"))
            }))
        }))
        .start(&system)
        .label("top")
        .await
        .unwrap();
    let top = system.exited(supervisor.pid().unwrap());
    entries.so_far();
    // Each level allows one restart: eight ends of the leaf are the end of all.
    for n in 1..=8 {
        end(&system, "leaf", Act::Stop(boom())).await;
        if n < 8 {
            entries.until("leaf starts").await;
        }
    }
    assert_eq!(top.await, ExitReason::Shutdown);
    let seen = entries.so_far();
    assert_eq!(
        seen,
        ["leaf terminate Boom", "leaf ended Boom", "two ended shutdown", "one ended shutdown", "top ended shutdown"]
    );
    assert_eq!(system.process_count(), 0);
}

// SUP-49, SUP-15
#[otp::test]
async fn a_subtree_that_cannot_be_started_again_is_tried_again_and_counts(system: System) {
    let (journal, mut entries) = journal(&system);
    let starts = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let inner = journal.clone();
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(3, HOUR)
        .child(child(&journal, "before"))
        .child(subtree("tree", move || {
            let start = starts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let fails = (start > 0).then(failing);
            Supervisor::new(Strategy::OneForOne).intensity(0, HOUR).child(starting(&inner, "a", fails))
        }))
        .start(&system)
        .label("top")
        .await
        .unwrap();
    let top = system.exited(supervisor.pid().unwrap());
    entries.so_far();
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(top.await, ExitReason::Shutdown);
    let seen = entries.so_far();
    assert_eq!(seen.iter().filter(|entry| *entry == "a starts").count(), 3);
    assert_eq!(seen[seen.len() - 2..], ["before ended shutdown", "top ended shutdown"]);
}

// SUP-60
#[otp::test]
async fn a_subtree_that_is_killed_leaves_nobody_behind_and_is_started_again(system: System) {
    let (supervisor, _journal, mut entries) = start(&system, Strategy::OneForOne, 1, Restart::Permanent).await;
    let tree = named(&system, "tree").pid().unwrap();
    let gone =
        futures::future::join3(system.exited(tree), system.exited(pid(&system, "a")), system.exited(pid(&system, "b")));
    // Its children run terminate and hold their names until then, so that the first tries to start them may fail.
    otp::sys::suspend(&system, &supervisor).await.unwrap();
    system.exit(tree, ExitReason::Kill);
    assert_eq!(gone.await, (ExitReason::Killed, ExitReason::Killed, ExitReason::Killed));
    otp::sys::resume(&system, &supervisor).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["before", "tree", "after"]);
    assert_eq!(ids(&named(&system, "tree")).await, ["a", "b"]);
    let seen = entries.so_far();
    assert!(seen.contains(&"a terminate killed".to_owned()) && seen.contains(&"b terminate killed".to_owned()));
}

// SUP-55, SUP-60
#[otp::test]
async fn a_subtree_that_takes_too_long_to_stop_is_killed_with_all_that_is_below(system: System) {
    let (journal, mut entries) = journal(&system);
    let inner = journal.clone();
    let tree = subtree("tree", move || {
        let stuck = scripted(&inner, "stuck", |script| {
            script.trap_exit = true;
            script.terminate = Act::Hang;
        });
        let specs = [child(&inner, "plain"), stuck.shutdown(Shutdown::Infinity)];
        Supervisor::new(Strategy::OneForOne).children(specs)
    });
    let limit = Duration::from_millis(30);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(tree.shutdown(Shutdown::Timeout(limit)))
        .start(&system)
        .label("top")
        .await
        .unwrap();
    let (plain, stuck) = (system.exited(pid(&system, "plain")), pid(&system, "stuck"));
    let began = system.now();
    supervisor.stop().await.unwrap();
    assert!(system.now() - began >= limit);
    assert_eq!(plain.await, ExitReason::Killed);
    // What hangs in its terminate has no supervisor any more; whoever knows it can kill it.
    let stuck_gone = system.exited(stuck);
    system.exit(stuck, ExitReason::Kill);
    assert_eq!(stuck_gone.await, ExitReason::Killed);
    let seen = entries.so_far();
    assert!(seen.contains(&"tree ended killed".to_owned()), "{seen:?}");
}

// SUP-15, SUP-20
#[otp::test]
async fn a_subtree_that_does_not_start_tells_the_path(system: System) {
    let (supervisor, journal, mut entries) = start(&system, Strategy::OneForOne, 1, Restart::Permanent).await;
    let spec = subtree("late", move || {
        Supervisor::new(Strategy::OneForOne).child(child(&journal, "good")).child(starting(
            &journal,
            "bad",
            [failing()],
        ))
    });
    let StartChildError::Failed { id, error } = supervisor.start_child(spec).await.unwrap_err() else {
        panic!("it was the start that failed")
    };
    assert_eq!(id.as_str(), "late");
    assert_eq!(FailedToStartChild::behind(&error).unwrap().child.as_str(), "bad");
    assert_eq!(error.to_string(), "late was not started: shutdown: failed to start bad: bad was not started: Boom");
    let seen = entries.so_far();
    assert_eq!(seen[..4], ["good starts", "bad starts", "bad ended Boom", "good ended shutdown"]);
    assert_eq!(ids(&supervisor).await, ["before", "tree", "after"]);
}

// SUP-29
#[otp::test]
async fn a_deep_tree_stops_from_the_bottom_up(system: System) {
    fn level(journal: &Journal, depth: usize) -> Supervisor {
        const LEAVES: [&str; 5] = ["leaf0", "leaf1", "leaf2", "leaf3", "leaf4"];
        const TREES: [&str; 5] = ["tree0", "tree1", "tree2", "tree3", "tree4"];
        let supervisor = Supervisor::new(Strategy::OneForOne).child(child(journal, LEAVES[depth]));
        if depth == 0 {
            return supervisor;
        }
        let journal = journal.clone();
        supervisor.child(subtree(TREES[depth - 1], move || level(&journal, depth - 1)))
    }
    let (journal, mut entries) = journal(&system);
    let supervisor = level(&journal, 4).start(&system).label("tree4").await.unwrap();
    let starts: Vec<_> = (0..5).rev().map(|depth| format!("leaf{depth} starts")).collect();
    assert_eq!(entries.so_far(), starts);
    supervisor.stop().reason(ExitReason::Shutdown).await.unwrap();
    let ends = |depth| [format!("leaf{depth} ended shutdown"), format!("tree{depth} ended shutdown")];
    assert_eq!(entries.so_far(), (0..5).flat_map(ends).collect::<Vec<_>>());
}

// SUP-62
#[otp::test]
async fn the_end_of_whoever_started_a_tree_is_its_end(system: System) {
    let (journal, mut entries) = journal(&system);
    let inner = journal.clone();
    inside(&system, async move |ctx| {
        let tree = subtree("tree", move || Supervisor::new(Strategy::OneForOne).child(trapping(&inner, "a")));
        Supervisor::new(Strategy::OneForOne).child(tree).start_link(&ctx).label("top").await.unwrap();
    })
    .await;
    let seen = entries.until("top ended normal").await;
    assert_eq!(
        seen,
        ["a starts", "a terminate shutdown", "a ended shutdown", "tree ended shutdown", "top ended normal"]
    );
}
