//! What is sampled by a look at all processes.

use std::time::Duration;

use otp::prelude::*;
use otp::process::{MailboxPolicy, Overflow, SpawnOptions};
use otp::registry::Pool;
use otp::table::Set;
use otp::telemetry::Metrics;
use otp::topic::{Slow, Topic};
use otp::{ExitReason, ProcessContext};
use otp_suite::{forever, inside};

use super::ledger::Ledger;
use super::servers::*;

/// Waits until a series has this value.
pub(crate) async fn until(system: &System, ledger: &Ledger, series: &str, value: f64) {
    for _ in 0..10_000 {
        if ledger.value(series) == Some(value) {
            return;
        }
        system.sleep(Duration::from_millis(1)).await;
    }
    panic!("{series} is {:?}, not {value}", ledger.value(series));
}

fn publish(topic: &Topic<u32>, count: u32) {
    for n in 0..count {
        topic.publish_now(n).unwrap();
    }
}

fn metrics(ledger: &Ledger) -> Metrics {
    Metrics::new().recorder(ledger.clone()).interval(Duration::from_millis(1))
}

#[otp::test]
async fn how_many_processes_there_are_and_how_much_waits_for_them_is_known_by_type(system: System) {
    let ledger = Ledger::default();
    let mut clerks = Vec::new();
    for _ in 0..300 {
        clerks.push(Clerk::start(&system, ()).await.unwrap());
    }
    let process = system.spawn(forever::<u32>);
    (0..7).for_each(|n| process.try_send(n).unwrap());
    // Also those that were there before.
    let _metrics = metrics(&ledger).start(&system);
    until(&system, &ledger, "otp_processes{type=Clerk}", 300.0).await;
    until(&system, &ledger, "otp_mailbox_messages{type=process}", 7.0).await;
    until(&system, &ledger, "otp_mailbox_longest{type=process}", 7.0).await;
    until(&system, &ledger, "otp_mailbox_longest{type=Clerk}", 0.0).await;
    for clerk in clerks {
        clerk.stop().await.unwrap();
    }
    until(&system, &ledger, "otp_processes{type=Clerk}", 0.0).await;
}

#[otp::test]
async fn what_a_policy_does_not_deliver_is_counted_by_cause(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let policy = MailboxPolicy::new().input(2, Overflow::DropNewest);
    let process = system.spawn_with(SpawnOptions::new().policy(policy), forever::<u32>).unwrap().process;
    (0..5).for_each(|n| process.try_send(n).unwrap());
    until(&system, &ledger, "otp_shed_messages_total{type=process,cause=dropped}", 3.0).await;
    until(&system, &ledger, "otp_overloads_total{type=process}", 1.0).await;
    (0..4).for_each(|n| process.try_send(n).unwrap());
    until(&system, &ledger, "otp_shed_messages_total{type=process,cause=dropped}", 7.0).await;
}

#[otp::test]
async fn topics_tables_pools_and_timers_have_their_figures(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let prices: Topic<u32> = Topic::new(&system, "prices");
    let subscription = prices.subscribe(1, Slow::DropNewest);
    for n in 0..3 {
        prices.publish_now(n).unwrap();
    }
    until(&system, &ledger, "otp_topic_published_total{topic=prices}", 3.0).await;
    until(&system, &ledger, "otp_topic_dropped_total{topic=prices}", 2.0).await;
    until(&system, &ledger, "otp_topic_subscribers{topic=prices}", 1.0).await;
    prices.publish_now(3).unwrap();
    until(&system, &ledger, "otp_topic_published_total{topic=prices}", 4.0).await;
    drop(subscription);
    until(&system, &ledger, "otp_topic_subscribers{topic=prices}", 0.0).await;

    let of = (system.clone(), ledger.clone());
    inside(&system, async move |ctx: ProcessContext<()>| {
        let (system, ledger) = of;
        let sessions: Set<u64, &str> = Set::named(&ctx, "sessions").unwrap();
        sessions.insert(7, "Ada").unwrap();
        until(&system, &ledger, "otp_table_rows{table=sessions}", 1.0).await;
    })
    .await;
    until(&system, &ledger, "otp_table_rows{table=sessions}", 0.0).await;
    until(&system, &ledger, "otp_tables", 0.0).await;

    let pool = Pool::new(Clerk::child(())).size(2).start(&system).await.unwrap();
    until(&system, &ledger, "otp_pool_workers{pool=pool}", 2.0).await;
    pool.stop().await.unwrap();
    until(&system, &ledger, "otp_pool_workers{pool=pool}", 0.0).await;

    let process = system.spawn(forever::<u32>);
    let timer = system.send_after(Duration::from_secs(3600), &process, 1);
    until(&system, &ledger, "otp_timers", 1.0).await;
    timer.cancel();
    until(&system, &ledger, "otp_timers", 0.0).await;
}

#[otp::test]
async fn what_happened_before_metrics_run_or_while_they_are_restarted_is_not_counted(system: System) {
    let ledger = Ledger::default();
    let prices: Topic<u32> = Topic::new(&system, "prices");
    let policy = MailboxPolicy::new().input(2, Overflow::DropNewest);
    let process = system.spawn_with(SpawnOptions::new().policy(policy), forever::<u32>).unwrap().process;
    let lose = |count: u32| (0..count).for_each(|n| process.try_send(n).unwrap());
    lose(2);
    for round in 1..=3 {
        // Nobody counts this.
        publish(&prices, 5);
        lose(5);
        let reporting = metrics(&ledger).start(&system);
        let looks = ledger.values("otp_timers").len();
        while ledger.values("otp_timers").len() == looks {
            otp::process::yield_now().await;
        }
        publish(&prices, 1);
        lose(1);
        until(&system, &ledger, "otp_topic_published_total{topic=prices}", f64::from(round)).await;
        until(&system, &ledger, "otp_shed_messages_total{type=process,cause=dropped}", f64::from(round)).await;
        reporting.exit(ExitReason::Shutdown);
        reporting.exited().await;
    }
}

#[otp::test]
async fn topics_with_one_label_count_together_also_when_one_of_them_goes(system: System) {
    let ledger = Ledger::default();
    let _metrics = metrics(&ledger).start(&system);
    let (first, second): (Topic<u32>, Topic<u32>) = (Topic::new(&system, "prices"), Topic::new(&system, "prices"));
    publish(&first, 3);
    publish(&second, 2);
    until(&system, &ledger, "otp_topic_published_total{topic=prices}", 5.0).await;
    drop(second);
    publish(&first, 1);
    until(&system, &ledger, "otp_topic_published_total{topic=prices}", 6.0).await;
    let third: Topic<u32> = Topic::new(&system, "prices");
    publish(&third, 1);
    until(&system, &ledger, "otp_topic_published_total{topic=prices}", 7.0).await;
}

#[otp::test(backends = [tokio])]
async fn a_look_at_many_processes_lets_others_run_between_its_pieces(system: System) {
    const MANY: usize = 100_000;
    for _ in 0..MANY {
        system.spawn(forever::<()>);
    }
    let (ledger, clerk) = (Ledger::default(), Clerk::start(&system, ()).await.unwrap());
    let reporting = metrics(&ledger).start(&system);
    let mut calls = 0;
    while ledger.value("otp_processes{type=process}").is_none_or(|count| count < MANY as f64) {
        clerk.work().inline(false).await.unwrap();
        calls += 1;
    }
    assert!(calls > 100, "only {calls} calls were answered during a look");
    reporting.exit(ExitReason::Shutdown);
    reporting.exited().await;
}
