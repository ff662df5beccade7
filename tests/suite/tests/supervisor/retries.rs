//! Children with a limit of their own: `ChildSpec::retries`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::{Backoff, ChildState};
use otp_suite::forever;
use otp_suite::servers::boom;
use otp_suite::trees::states;

fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(1), Duration::from_millis(4))
}

/// A job that fails at each of its runs, which are counted.
fn flaky(runs: &Arc<AtomicU32>) -> ChildSpec<ProcessRef<()>> {
    let runs = runs.clone();
    ChildSpec::worker("flaky", async move |supervisor: Process| {
        runs.fetch_add(1, Ordering::SeqCst);
        supervisor.spawn_link(async |_: ProcessContext<()>| boom())
    })
}

fn steady() -> ChildSpec<ProcessRef<()>> {
    ChildSpec::worker("steady", async |supervisor: Process| supervisor.spawn_link(forever::<()>))
}

/// Waits until a child has been given up; its id and the reason.
async fn given_up(events: &mut otp::event::Events) -> (String, ExitReason) {
    loop {
        if let Some(SupervisorEvent::ChildGaveUp { child, reason, .. }) = events.next().await.downcast_ref() {
            return (child.to_string(), reason.clone());
        }
    }
}

#[otp::test]
async fn a_child_that_fails_too_often_is_given_up_and_its_supervisor_lives(system: System) {
    system.log_crashes(false);
    let (runs, mut events) = (Arc::new(AtomicU32::new(0)), system.subscribe());
    // No restart at all is allowed over all children: these do not count.
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(0, Duration::from_secs(3600))
        .child(steady())
        .child(flaky(&runs).retries(5, backoff()))
        .start(&system)
        .await
        .unwrap();
    let steady = supervisor.which_children().await.unwrap()[1].state;
    assert_eq!(given_up(&mut events).await, ("flaky".to_owned(), boom()));
    assert_eq!(runs.load(Ordering::SeqCst), 6, "once, and five times again");
    let expected = [("steady".to_owned(), steady), ("flaky".to_owned(), ChildState::Stopped)];
    assert_eq!(states(&supervisor).await, expected);

    // It can be started by hand, and then has all its retries.
    let _ = supervisor.restart_child("flaky").await.unwrap();
    assert_eq!(given_up(&mut events).await.0, "flaky");
    assert_eq!(runs.load(Ordering::SeqCst), 12);
}

#[otp::test]
async fn a_dynamic_supervisor_forgets_a_child_that_it_gives_up(system: System) {
    system.log_crashes(false);
    let (runs, mut events) = (Arc::new(AtomicU32::new(0)), system.subscribe());
    let supervisor = DynamicSupervisor::new().intensity(0, Duration::from_secs(3600)).start(&system).await.unwrap();
    let _ = supervisor.start_child(flaky(&runs).retries(2, backoff().with_jitter(0.5))).await.unwrap();
    given_up(&mut events).await;
    assert_eq!(supervisor.count_children().await.unwrap().specs, 0);
}

#[otp::test]
async fn starts_that_fail_count_as_retries(system: System) {
    system.log_crashes(false);
    let (starts, mut events) = (Arc::new(AtomicU32::new(0)), system.subscribe());
    let counted = starts.clone();
    let spec =
        ChildSpec::worker("once", async move |supervisor: Process| match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(supervisor.spawn_link(async |_: ProcessContext<()>| boom())),
            _ => Err(boom()),
        });
    let supervisor =
        Supervisor::new(Strategy::OneForOne).child(spec.retries(3, backoff())).start(&system).await.unwrap();
    assert_eq!(given_up(&mut events).await, ("once".to_owned(), boom()));
    assert_eq!(starts.load(Ordering::SeqCst), 4);
    assert_eq!(states(&supervisor).await, [("once".to_owned(), ChildState::Stopped)]);
}

#[otp::test]
async fn giving_up_a_significant_child_ends_its_supervisor(system: System) {
    system.log_crashes(false);
    let runs = Arc::new(AtomicU32::new(0));
    let spec = flaky(&runs).restart(Restart::Transient).significant(true).retries(1, backoff());
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .child(spec)
        .start(&system)
        .await
        .unwrap();
    assert_eq!(supervisor.exited().await, ExitReason::Shutdown);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[otp::test]
async fn other_children_still_have_the_intensity_of_their_supervisor(system: System) {
    system.log_crashes(false);
    let runs = Arc::new(AtomicU32::new(0));
    let other = ChildSpec::worker("other", async |supervisor: Process| {
        supervisor.spawn_link(async |_: ProcessContext<()>| boom())
    });
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(2, Duration::from_secs(3600))
        .child(flaky(&runs).retries(1_000_000, Backoff::new(Duration::from_secs(60), Duration::from_secs(60))))
        .child(other)
        .start(&system)
        .await;
    let Ok(supervisor) = supervisor else { panic!("its children start") };
    assert_eq!(supervisor.exited().await, ExitReason::Shutdown);
}

#[test]
#[should_panic(expected = "the share of jitter is between 0 and 1, and not 1.5")]
fn a_share_of_jitter_above_one_is_a_mistake() {
    let _ = backoff().with_jitter(1.5);
}
