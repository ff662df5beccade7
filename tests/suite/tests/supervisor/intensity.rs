//! When a supervisor gives up: SPEC §10, intensity.

use std::time::Duration;

use otp::prelude::*;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{Act, boom};
use otp_suite::trees::{child, end, failing, ids, starting, trapping};

const HOUR: Duration = Duration::from_secs(3600);

fn abc(journal: &Journal) -> [ChildSpec; 3] {
    ["a", "b", "c"].map(|id| trapping(journal, id))
}

// SUP-44, SUP-48
#[otp::test]
async fn one_restart_more_than_the_intensity_ends_the_supervisor(system: System) {
    for intensity in 0..4 {
        let (journal, mut entries) = journal(&system);
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .intensity(intensity, HOUR)
            .children(abc(&journal))
            .start(&system)
            .label("top")
            .await
            .unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        for _ in 0..intensity {
            end(&system, "b", Act::Stop(boom())).await;
            assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
        }
        entries.so_far();
        end(&system, "b", Act::Stop(boom())).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
        let seen = entries.so_far();
        assert_eq!(
            seen,
            [
                "b terminate Boom",
                "b ended Boom",
                "c terminate shutdown",
                "c ended shutdown",
                "a terminate shutdown",
                "a ended shutdown",
                "top ended shutdown"
            ]
        );
    }
}

// SUP-1
#[otp::test]
async fn one_restart_is_allowed_if_nothing_is_said(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne).children(abc(&journal)).start(&system).await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    let began = system.now();
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    end(&system, "c", Act::Stop(boom())).await;
    // On a machine that needs five seconds for this, the second one is allowed.
    if system.now() - began < Duration::from_secs(5) {
        assert_eq!(exited.await, ExitReason::Shutdown);
    }
}

// SUP-46
#[otp::test]
async fn the_restarts_of_all_children_are_counted_together(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor =
        Supervisor::new(Strategy::OneForOne).intensity(2, HOUR).children(abc(&journal)).start(&system).await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    for id in ["a", "b"] {
        end(&system, id, Act::Stop(boom())).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    }
    end(&system, "c", Act::Stop(boom())).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
}

// SUP-46
#[otp::test]
async fn a_restart_of_a_group_counts_once(system: System) {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let (journal, _entries) = journal(&system);
        let supervisor =
            Supervisor::new(strategy).intensity(2, HOUR).children(abc(&journal)).start(&system).await.unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        for id in ["a", "b"] {
            end(&system, id, Act::Stop(boom())).await;
            assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
        }
        end(&system, "a", Act::Stop(boom())).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
    }
}

// SUP-47, SUP-27
#[otp::test]
async fn what_is_no_restart_is_not_counted(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(0, HOUR)
        .child(child(&journal, "transient").restart(Restart::Transient))
        .child(child(&journal, "temporary").restart(Restart::Temporary))
        .child(child(&journal, "permanent"))
        .start(&system)
        .await
        .unwrap();
    end(&system, "temporary", Act::Panic("oh")).await;
    for _ in 0..5 {
        end(&system, "transient", Act::Stop(ExitReason::Shutdown)).await;
        supervisor.restart_child("transient").await.unwrap();
        supervisor.terminate_child("permanent").await.unwrap();
        supervisor.restart_child("permanent").await.unwrap();
    }
    assert_eq!(ids(&supervisor).await, ["transient", "permanent"]);
}

// SUP-48
#[otp::test]
async fn a_supervisor_that_gives_up_tells_which_child_ended_once_too_often_and_why(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(0, HOUR)
        .children(abc(&journal))
        .start(&system)
        .name(ServerName::new("top"))
        .await
        .unwrap();
    let mut events = system.subscribe();
    end(&system, "b", Act::Panic("oh")).await;
    let gave_up = loop {
        match events.next().await.downcast_ref() {
            Some(SupervisorEvent::GaveUp { supervisor, label, child, reason, .. }) => {
                break (*supervisor, label.clone(), child.clone(), reason.clone());
            }
            Some(other) => panic!("nothing is started again: {other}"),
            None => {}
        }
    };
    let (by, label, child, reason) = gave_up;
    assert_eq!((Some(by), label.unwrap().as_str()), (supervisor.pid(), "top"));
    assert_eq!((child.as_str(), reason), ("b", ExitReason::crash("oh")));
}

// SUP-49
#[otp::test]
async fn a_restart_that_fails_again_and_again_ends_the_supervisor(system: System) {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let (journal, mut entries) = journal(&system);
        let hopeless = std::iter::once(otp_suite::servers::First::Act(Act::Nothing)).chain((0..10).map(|_| failing()));
        let supervisor = Supervisor::new(strategy)
            .intensity(4, HOUR)
            .child(child(&journal, "a"))
            .child(starting(&journal, "b", hopeless))
            .child(child(&journal, "c"))
            .start(&system)
            .label("top")
            .await
            .unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        entries.so_far();
        end(&system, "b", Act::Stop(boom())).await;
        assert_eq!(exited.await, ExitReason::Shutdown);
        let seen = entries.so_far();
        assert_eq!(seen.iter().filter(|entry| *entry == "b starts").count(), 4, "{strategy:?}: {seen:?}");
        assert_eq!(seen.last().unwrap(), "top ended shutdown");
        assert_eq!(system.process_count(), 0);
    }
}

// SUP-44, SUP-45
#[otp::test]
async fn restarts_that_are_further_apart_than_the_period_do_not_add_up(system: System) {
    let period = Duration::from_millis(10);
    let (journal, _entries) = journal(&system);
    let supervisor =
        Supervisor::new(Strategy::OneForOne).intensity(1, period).children(abc(&journal)).start(&system).await.unwrap();
    for _ in 0..5 {
        end(&system, "a", Act::Stop(boom())).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
        // The restart was before this; the next one is more than a period after it.
        let restarted = system.now();
        system.sleep_until(restarted + period + Duration::from_nanos(1)).await;
    }
}
