//! Pauses before a restart, which OTP does not have.

use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::{Backoff, ChildError, ChildState, StartChildError};
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, First, boom};
use otp_suite::trees::{child, end, failing, ids, pid, starting};

const HOUR: Duration = Duration::from_secs(3600);
const PAUSE: Duration = Duration::from_millis(20);

fn pausing(first: Duration) -> Backoff {
    Backoff::new(first, HOUR)
}

async fn start(
    system: &System,
    strategy: Strategy,
    children: impl FnOnce(&Journal) -> Vec<ChildSpec>,
) -> (SupervisorRef, Recorder) {
    let (journal, mut entries) = journal(system);
    let specs = children(&journal);
    let supervisor =
        Supervisor::new(strategy).intensity(100, HOUR).children(specs).start(system).label("top").await.unwrap();
    entries.so_far();
    (supervisor, entries)
}

#[otp::test]
async fn a_child_is_started_again_after_its_pause_and_shows_as_restarting_meanwhile(system: System) {
    let (supervisor, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        vec![child(journal, "a"), child(journal, "b").backoff(pausing(PAUSE))]
    })
    .await;
    let old = pid(&system, "b");
    let began = system.now();
    end(&system, "b", Act::Stop(boom())).await;
    let states = otp_suite::trees::states(&supervisor).await;
    if system.now() - began < PAUSE {
        assert_eq!(states[1].1, ChildState::Restarting(Some(old)));
    }
    entries.until("b starts").await;
    assert!(system.now() - began >= PAUSE);
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

#[otp::test]
async fn the_pause_doubles_from_one_restart_to_the_next(system: System) {
    let (supervisor, mut entries) =
        start(&system, Strategy::OneForOne, |journal| vec![child(journal, "a").backoff(pausing(PAUSE))]).await;
    for doubled in [1, 2, 4] {
        let began = system.now();
        end(&system, "a", Act::Stop(boom())).await;
        entries.until("a starts").await;
        assert!(system.now() - began >= doubled * PAUSE);
        assert_eq!(ids(&supervisor).await, ["a"]);
    }
}

#[otp::test]
async fn a_restart_that_fails_pauses_longer_before_the_next_try(system: System) {
    let (supervisor, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        let starts = [First::Act(Act::Nothing), failing(), failing()];
        vec![starting(journal, "a", starts).backoff(pausing(PAUSE))]
    })
    .await;
    let began = system.now();
    end(&system, "a", Act::Stop(boom())).await;
    for tries in [1, 3, 7] {
        entries.until("a starts").await;
        assert!(system.now() - began >= tries * PAUSE);
    }
    assert_eq!(ids(&supervisor).await, ["a"]);
}

#[otp::test]
async fn each_restart_after_a_pause_counts_once(system: System) {
    let (journal, mut entries) = journal(&system);
    let spec = child(&journal, "a").backoff(pausing(Duration::from_millis(1)));
    let supervisor = Supervisor::new(Strategy::OneForOne).intensity(2, HOUR).child(spec).start(&system).await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    entries.so_far();
    for _ in 0..2 {
        end(&system, "a", Act::Stop(boom())).await;
        entries.until("a starts").await;
        assert_eq!(ids(&supervisor).await, ["a"]);
    }
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_child_that_pauses_can_be_stopped_by_hand(system: System) {
    let (supervisor, mut entries) =
        start(&system, Strategy::OneForOne, |journal| vec![child(journal, "a").backoff(pausing(HOUR))]).await;
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["(a restarting)"]);
    assert_eq!(supervisor.restart_child("a").await, Err(ChildError::Restarting { id: "a".into() }));
    supervisor.terminate_child("a").await.unwrap();
    assert_eq!(ids(&supervisor).await, ["(a)"]);
    supervisor.restart_child("a").await.unwrap();
    assert_eq!(entries.so_far(), ["a terminate Boom", "a ended Boom", "a starts"]);
}

#[otp::test]
async fn a_supervisor_can_be_stopped_while_a_child_pauses(system: System) {
    let (supervisor, mut entries) = start(&system, Strategy::OneForOne, |journal| {
        vec![child(journal, "a").backoff(pausing(HOUR)), child(journal, "b")]
    })
    .await;
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["(a restarting)", "b"]);
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far()[2..], ["b ended shutdown", "top ended normal"]);
}

#[otp::test]
async fn the_siblings_run_on_until_the_pause_is_over(system: System) {
    let (supervisor, mut entries) = start(&system, Strategy::OneForAll, |journal| {
        vec![child(journal, "a"), child(journal, "b").backoff(pausing(PAUSE))]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    let seen = entries.until("b starts").await;
    assert_eq!(seen, ["b terminate Boom", "b ended Boom", "a ended shutdown", "a starts", "b starts"]);
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

#[otp::test]
async fn a_restart_of_the_group_overtakes_a_pause(system: System) {
    let (supervisor, mut entries) = start(&system, Strategy::OneForAll, |journal| {
        vec![child(journal, "a"), child(journal, "b").backoff(pausing(HOUR))]
    })
    .await;
    end(&system, "b", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "(b restarting)"]);
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
    let seen = entries.so_far();
    assert_eq!(seen[4..], ["a starts", "b starts"]);
}

#[otp::test]
async fn a_pause_that_was_overtaken_does_not_shorten_the_next_one(system: System) {
    let (supervisor, mut entries) =
        start(&system, Strategy::OneForOne, |journal| vec![child(journal, "a").backoff(pausing(PAUSE))]).await;
    end(&system, "a", Act::Stop(boom())).await;
    supervisor.terminate_child("a").await.unwrap();
    supervisor.restart_child("a").await.unwrap();
    entries.so_far();
    // The second pause is twice as long as the first one, which ends meanwhile.
    let began = system.now();
    end(&system, "a", Act::Stop(boom())).await;
    entries.until("a starts").await;
    assert!(system.now() - began >= 2 * PAUSE);
}

#[otp::test]
async fn a_dynamic_child_pauses_too_and_keeps_its_place(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = DynamicSupervisor::new().intensity(100, HOUR).max_children(1).start(&system).await.unwrap();
    supervisor.start_child(child(&journal, "a").backoff(pausing(HOUR))).await.unwrap();
    let old = pid(&system, "a");
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(supervisor.which_children().await.unwrap()[0].state, ChildState::Restarting(Some(old)));
    let full = supervisor.start_child(child(&journal, "b")).await;
    assert_eq!(full, Err(StartChildError::MaxChildren { limit: 1 }));
    // DSUP-10
    assert_eq!(supervisor.terminate_child(old).await, Ok(()));
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert_eq!(entries.so_far(), ["a starts", "a terminate Boom", "a ended Boom"]);
}
