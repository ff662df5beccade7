//! What is counted and timed where it happens.

use std::time::Duration;

use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::supervisor::{ChildSpec, Restart, SupervisorName};
use otp::telemetry::Metrics;
use otp::{ExitReason, ProcessContext};
use otp_suite::obey;

use super::ledger::Ledger;
use super::servers::*;

fn metrics(ledger: &Ledger) -> Metrics {
    Metrics::new().recorder(ledger.clone()).interval(Duration::from_secs(3600))
}

#[otp::test]
async fn calls_are_counted_by_callee_and_outcome_and_those_that_were_answered_are_timed(system: System) {
    system.log_crashes(false);
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let clerk = Clerk::start(&system, ()).await.unwrap();
    for n in 1..=20 {
        assert_eq!(clerk.work().await, Ok(n));
    }
    assert_eq!(clerk.work().inline(false).await, Ok(21));
    assert_eq!(clerk.work().send_request().await, Ok(22));
    assert!(clerk.never().timeout(Duration::from_millis(5)).await.is_err());
    let (doomed, dropped) = (Clerk::start(&system, ()).await.unwrap(), clerk.work());
    drop(dropped);
    let mut given_up = Box::pin(clerk.work().no_timeout());
    assert!(futures::poll!(&mut given_up).is_pending());
    drop(given_up);
    assert!(doomed.crash().await.is_err());
    assert!(doomed.work().await.is_err());

    let calls = |outcome: &str| ledger.value(&format!("otp_calls_total{{type=Clerk,outcome={outcome}}}"));
    assert_eq!(calls("answered"), Some(22.0));
    assert_eq!(calls("timeout"), Some(1.0));
    assert_eq!(calls("given_up"), Some(1.0), "the one that was never polled was no call");
    assert_eq!(calls("exited"), Some(1.0));
    assert_eq!(calls("no_process"), Some(1.0));
    let times = ledger.values("otp_call_seconds{type=Clerk}");
    assert_eq!(times.len(), 22);
    assert!(times.iter().all(|time| (0.0..60.0).contains(time)), "{times:?}");
}

#[otp::test]
async fn starts_ends_and_crashes_are_counted_by_type_and_class_of_reason(system: System) {
    system.log_crashes(false);
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let fainting = Clerk::start(&system, ()).await.unwrap();
    let (stopped, killed) = (Clerk::start(&system, ()).await.unwrap(), Clerk::start(&system, ()).await.unwrap());
    let plain = system.spawn(obey);
    assert!(fainting.crash().await.is_err());
    stopped.stop().await.unwrap();
    let end = system.exited(killed.pid().unwrap());
    system.exit(killed.pid().unwrap(), ExitReason::Kill);
    end.await;
    plain.try_send(ExitReason::other("enough")).unwrap();
    plain.exited().await;

    let value = |series: &str| ledger.value(series);
    assert_eq!(value("otp_spawns_total{type=Clerk}"), Some(3.0));
    assert_eq!(value("otp_exits_total{type=Clerk,reason=crash}"), Some(1.0));
    assert_eq!(value("otp_exits_total{type=Clerk,reason=normal}"), Some(1.0));
    assert_eq!(value("otp_exits_total{type=Clerk,reason=killed}"), Some(1.0));
    assert_eq!(value("otp_exits_total{type=process,reason=other}"), Some(1.0));
    assert_eq!(value("otp_crashes_total{type=Clerk}"), Some(1.0));
    assert_eq!(value("otp_crashes_total{type=process}"), Some(1.0));
}

#[otp::test]
async fn every_message_is_counted_once_wherever_its_process_runs(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let clerk = Clerk::start(&system, ()).await.unwrap();
    for _ in 0..50 {
        clerk.note();
        clerk.work().await.unwrap();
    }
    let pid = clerk.pid().unwrap();
    clerk.stop().await.unwrap();
    assert!(!system.is_alive(pid));
    // The request to stop is one, too. The run that ends a process is over after its end.
    while ledger.value("otp_messages_total{type=Clerk}") < Some(101.0) {
        otp::process::yield_now().await;
    }
    assert_eq!(ledger.value("otp_messages_total{type=Clerk}"), Some(101.0));
    assert!(ledger.value("otp_runs_total{type=Clerk}").unwrap() >= 1.0);
}

#[otp::test]
async fn the_wait_of_a_message_ends_when_its_server_begins_to_handle_it(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).time_one_in(1).start(&system);
    let clerk = Clerk::start(&system, ()).await.unwrap();
    for _ in 0..10 {
        clerk.note();
    }
    clerk.work().await.unwrap();
    let waits = ledger.values("otp_wait_seconds{type=Clerk}");
    assert_eq!(waits.len(), 11);
    assert!(waits.iter().all(|wait| (0.0..60.0).contains(wait)), "{waits:?}");
}

#[otp::test]
async fn the_wait_of_a_message_is_timed_in_processes_that_are_no_server_and_while_its_sender_waits_for_room(
    system: System,
) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).time_one_in(1).start(&system);
    let sum = async |mut ctx: ProcessContext<u64>| {
        let mut sum = 0;
        while sum < 45 {
            if let otp::Message::User(n) = ctx.receive().await {
                sum += n;
            }
        }
    };
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), sum).unwrap().process;
    for n in 0..10 {
        process.send(n).await.unwrap();
    }
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(ledger.values("otp_wait_seconds{type=process}").len(), 10);
}

#[otp::test]
async fn restarts_are_counted_by_supervisor_and_so_is_that_it_gives_up(system: System) {
    system.log_crashes(false);
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let moth = ChildSpec::worker("moth", async |supervisor: Process| {
        supervisor.spawn_link(async |_: ProcessContext<()>| ExitReason::other("light"))
    });
    let tree = Supervisor::new(Strategy::OneForOne).child(moth.restart(Restart::Permanent));
    let tree = tree.intensity(2, Duration::from_secs(60)).start(&system);
    if let Ok(lamp) = tree.name(SupervisorName::new("lamp")).await {
        lamp.exited().await;
    }
    assert_eq!(ledger.value("otp_restarts_total{supervisor=lamp}"), Some(2.0));
    assert_eq!(ledger.value("otp_supervisor_give_ups_total{supervisor=lamp}"), Some(1.0));
}

#[otp::test]
async fn labels_have_no_more_values_than_the_limit_and_those_beyond_it_count_together(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).by_label().limit(3).start(&system);
    for n in 0..10 {
        let options = SpawnOptions::new().label(format!("connection {n}"));
        system.spawn_with(options, async |_: ProcessContext<()>| {}).unwrap().process.exited().await;
    }
    let spawned = |label: &str| ledger.value(&format!("otp_spawns_total{{type={label}}}"));
    let series: Vec<_> = ledger.series().into_iter().filter(|series| series.starts_with("otp_spawns_total")).collect();
    assert!(series.len() <= 4, "{series:?}");
    let known: f64 = series.iter().filter_map(|series| ledger.value(series)).sum();
    // It was the metrics' own process before them.
    assert_eq!(known, 11.0);
    assert!(spawned("(other)") >= Some(7.0), "{series:?}");
    assert!(ledger.value("otp_unnamed_series_total") >= Some(7.0));
    assert_eq!(ledger.registrations("otp_unnamed_series_total"), 1, "its recorder is asked for it once");
}

#[otp::test]
async fn nothing_is_counted_any_more_once_the_process_of_the_metrics_has_ended(system: System) {
    let ledger = Ledger::default();
    let reporting = metrics(&ledger).time_one_in(1).start(&system);
    let clerk = Clerk::start(&system, ()).await.unwrap();
    clerk.work().await.unwrap();
    reporting.exit(ExitReason::Shutdown);
    reporting.exited().await;
    // A run that was seen to begin is seen to end.
    clerk.work().await.unwrap();
    let before = (ledger.value("otp_calls_total{type=Clerk,outcome=answered}"), ledger.series());
    for _ in 0..10 {
        clerk.work().await.unwrap();
        clerk.note();
    }
    assert_eq!(before, (ledger.value("otp_calls_total{type=Clerk,outcome=answered}"), ledger.series()));
    assert_eq!(before.0, Some(1.0));
}
